import type { NormalizationName } from '@flatmin/data';

/** One of the label bytes that stand before the pixels of a record. */
export interface LabelByte {
  readonly classes: number;
  /** File of the classes' names, one a line. */
  readonly names: string;
}

/** Where a version of CIFAR has what: https://www.cs.toronto.edu/~kriz/cifar.html, "binary version". */
export interface Layout {
  /** Name of the folder in the archive. */
  readonly folder: string;
  readonly archive: string;
  /** Names that tell it from other data. */
  readonly signs: readonly string[];
  readonly train: readonly string[];
  readonly test: string;
  /** The label bytes of a record, in their order. */
  readonly labels: Readonly<Partial<Record<Labels, LabelByte>>> & { readonly fine: LabelByte };
  readonly normalize: NormalizationName;
  /** The Python version, whose files are pickles: its folder, and names that it alone has. */
  readonly python: { readonly folder: string; readonly names: readonly string[] };
}

export type Labels = 'fine' | 'coarse';

export const side = 32;
export const channels = 3;
/** Bytes of an image: three planes of 32 x 32. */
export const imageBytes = side * side * channels;

export const layouts = {
  10: {
    folder: 'cifar-10-batches-bin',
    archive: 'cifar-10-binary.tar.gz',
    signs: ['data_batch_1.bin'],
    train: [1, 2, 3, 4, 5].map((i) => `data_batch_${i}.bin`),
    test: 'test_batch.bin',
    labels: { fine: { classes: 10, names: 'batches.meta.txt' } },
    normalize: 'cifar10',
    python: { folder: 'cifar-10-batches-py', names: ['data_batch_1', 'test_batch'] },
  },
  100: {
    folder: 'cifar-100-binary',
    archive: 'cifar-100-binary.tar.gz',
    signs: ['train.bin', 'fine_label_names.txt'],
    train: ['train.bin'],
    test: 'test.bin',
    labels: {
      coarse: { classes: 20, names: 'coarse_label_names.txt' },
      fine: { classes: 100, names: 'fine_label_names.txt' },
    },
    normalize: 'cifar100',
    python: { folder: 'cifar-100-python', names: ['train', 'test', 'meta'] },
  },
} as const satisfies Record<number, Layout>;

export type Version = keyof typeof layouts;
export const versions: readonly Version[] = [10, 100];

/**
 * The versions of which a folder's names show something: the files, their folder, its archive, or the Python version.
 */
export function versionsIn(names: readonly string[]): readonly Version[] {
  return versions.filter((version) => {
    const { signs, folder, archive, python }: Layout = layouts[version];
    const places = [folder, archive, python.folder];
    return [signs, python.names, ...places.map((name) => [name])].some((wanted) => containsAll(names, wanted));
  });
}

export function containsAll(names: readonly string[], wanted: readonly string[]): boolean {
  return wanted.every((name) => names.includes(name));
}
