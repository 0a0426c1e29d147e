import { FlatminError } from '@flatmin/core';
import { type ClassificationDataSet, definePlugin } from '@flatmin/core/plugin';
import {
  exampleDataSet,
  type ImageChoice,
  imageInput,
  imageSchema,
  memoryOf,
  type SizeChoice,
  sizeSchema,
  type SplitChoice,
  splitSchema,
} from '@flatmin/data';
import * as z from 'zod';
import { channels, type Labels, type Layout, layouts, side, versionsIn } from './layout.js';

const defaults = { labels: 'fine', shape: 'image' } as const;

const schema = z.strictObject({
  dir: z.string().min(1).describe('Folder of the binary version, or the folder in which its archive was unpacked.'),
  classes: z
    .union([z.literal(10), z.literal(100)])
    .optional()
    .describe('CIFAR-10 or CIFAR-100; default: the one in the folder.'),
  labels: z
    .enum(['fine', 'coarse'])
    .default(defaults.labels)
    .describe('Only for CIFAR-100: fine, the 100 classes, or coarse, their 20 superclasses.'),
  ...imageSchema({
    shape: defaults.shape,
    shapes: 'image is [32, 32, 3], flat is [3072]',
    normalize: "the set's",
    memory: 'up to which the files are read into memory at once; larger files are read as they are used',
  }),
  ...splitSchema,
  ...sizeSchema,
});

export interface CifarOptions extends SplitChoice, SizeChoice, ImageChoice {
  readonly dir: string;
  readonly classes?: 10 | 100 | undefined;
  readonly labels?: 'fine' | 'coarse' | undefined;
}

/**
 * CIFAR-10 and CIFAR-100 in their binary version: x float32 [batch, 32, 32, 3] or [batch, 3072], channels last, y int32
 * [batch]. The 50,000 images of training are split into train and validation by seed; the 10,000 of test stay for test.
 *
 * In memory: the files (184 MB) if `memory` allows them, otherwise only labels (4 bytes per example) and the batches
 * that are being read. Every size and every label is checked before anything is used. For Node.js.
 *
 * @param options.dir folder of the `.bin` files, or the one that has `cifar-10-batches-bin` or `cifar-100-binary`.
 * @param options.classes 10 or 100; needed only if both are in the folder.
 * @param options.labels of CIFAR-100, `'fine'` (default, 100 classes) or `'coarse'` (20).
 * @param options.train size of the part, by seed; default all.
 * @param options.test likewise.
 * @param options.validation as in all data sets with an official test part, and so are `seed` and `labelNoise`.
 * @param options.normalize see `imagePipeline` of @flatmin/data.
 * @param options.augment likewise; train is augmented if it is shuffled.
 * @throws FlatminError DATA_FILE_MISSING if files are missing, DATA_FILE_INVALID if one is broken or of the Python
 *   version (file, offset, remedy), SPEC_INVALID for coarse labels of CIFAR-10, DATA_INVALID for options that do not
 *   fit the data.
 * @example
 * ```ts
 * const data = await cifar({ dir: 'cifar-10-batches-bin', augment: [{ use: 'crop', padding: 4 }, { use: 'flip' }] });
 * ```
 */
export async function cifar(
  options: CifarOptions,
): Promise<ClassificationDataSet & { readonly task: 'classification' }> {
  const { dir, labels = defaults.labels } = options;
  // Loaded when used: the rest of the package runs where there are no files.
  const { missingFile, openFolder } = await import('@flatmin/data/node');
  const { readCifar } = await import('./readCifar.js');
  const folder = await openFolder(dir);
  const found = versionsIn(await folder.names());
  const ask = (what: string): never =>
    missingFile(dir, what, 'Give as `dir` the folder of the .bin files, and as `classes` 10 or 100.');
  const version =
    options.classes ??
    (found.length === 1 ? found[0] : undefined) ??
    ask(found.length === 0 ? 'neither CIFAR-10 nor CIFAR-100 is here' : 'both CIFAR-10 and CIFAR-100 are here');
  const layout: Layout = layouts[version];
  const { classes } = layout.labels[labels] ?? refuseLabels(labels);
  const images = await readCifar(folder, layout, { labels, memory: memoryOf(options) });
  return exampleDataSet({
    id: `cifar${version}`,
    ...imageInput({ height: side, width: side, channels }, options, { ...defaults, normalize: layout.normalize }),
    classes,
    ...(images.classNames && { classNames: images.classNames }),
    train: images.train,
    test: images.test,
    choice: options,
  });
}

function refuseLabels(labels: Labels): never {
  throw new FlatminError(
    'SPEC_INVALID',
    `cifar: labels is "${labels}", and CIFAR-10 has one label per image. Leave out \`labels\`, or give classes: 100.`,
  );
}

/** The options that a folder's names tell, or undefined where it is none of CIFAR. */
export function detect(names: readonly string[]): Pick<CifarOptions, 'classes'> | undefined {
  const [version, ...others] = versionsIn(names);
  if (version === undefined) return undefined;
  return others.length === 0 ? { classes: version } : {};
}

/** The plugin: `{ use: 'cifar', dir: 'cifar-10-batches-bin' }`. */
export const cifarPlugin = definePlugin({
  kind: 'dataset',
  id: 'cifar',
  apiVersion: 1,
  description: 'CIFAR-10 and CIFAR-100, binary version: 60,000 color images of 32 x 32 pixels.',
  options: schema,
  detect,
  example: { options: { dir: 'data/cifar-10-batches-bin' }, model: { use: 'resnet' } },
  create: (options) => cifar(options),
});
