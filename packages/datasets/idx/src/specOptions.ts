// Written by `npm run options` from the schemas of the plugins: do not edit.
export type {} from '@flatmin/core';

/**
 * Options of `{ use: 'idx' }`. MNIST, Fashion-MNIST, EMNIST and other images in IDX files, raw or gzip.
 */
export interface IdxSpecOptions {
  /**
   * A published set: gives classes, names, normalization and orientation, and where packages put it.
   */
  readonly set?:
    | 'fashion-mnist'
    | 'mnist'
    | 'emnist-balanced'
    | 'emnist-byclass'
    | 'emnist-bymerge'
    | 'emnist-digits'
    | 'emnist-letters'
    | 'emnist-mnist';
  /**
   * Folder of the files: train and t10k, images and labels; not needed for a set that a package installed.
   */
  readonly dir?: string;
  /**
   * Start of the files' names where several sets share a folder.
   */
  readonly prefix?: string;
  /**
   * Number of classes; the set's, else 10.
   */
  readonly classes?: number;
  /**
   * Added to each label, so that classes start at 0; the set's, else 0.
   */
  readonly labelOffset?: number;
  /**
   * Swaps rows and columns of the images, as EMNIST needs; the set's, else false.
   */
  readonly transpose?: boolean;
  /**
   * Fraction held out for test by seed where no files are for it. Default: 0.1.
   */
  readonly testFraction?: number;
  /**
   * Shape of one example: flat is [height * width], image is [height, width, 1]. Default: "flat".
   */
  readonly shape?: 'flat' | 'image';
  /**
   * (x - mean) / std per channel, x in [0, 1]: constants by name, or your own { mean, std }; false: none. Without: the set's, else none.
   */
  readonly normalize?:
    | ('mnist' | 'fashion-mnist' | 'cifar10' | 'cifar100' | 'imagenet')
    | {
        readonly mean: readonly number[];
        readonly std: readonly number[];
      }
    | false;
  /**
   * Steps in order, drawn for each example and epoch: crop { padding }, flip { probability }, cutout { size }, rand-augment { operations, magnitude }. Default: [].
   */
  readonly augment?: readonly (
    | {
        readonly use: 'crop';
        /**
         * Default: 4.
         */
        readonly padding?: number;
      }
    | {
        readonly use: 'flip';
        /**
         * Default: 0.5.
         */
        readonly probability?: number;
      }
    | {
        readonly use: 'cutout';
        readonly size: number;
      }
    | {
        readonly use: 'rand-augment';
        /**
         * Default: 2.
         */
        readonly operations?: number;
        /**
         * Default: 9.
         */
        readonly magnitude?: number;
      }
  )[];
  /**
   * Bytes up to which a raw image file is read to memory at once; a larger one is read as it is used. Default: 268435456.
   */
  readonly memory?: number;
  /**
   * Fraction of the official training rows held out for validation, drawn by seed. Default: 0.1.
   */
  readonly validation?: number;
  /**
   * Seed of the validation split, and of the label noise where that has none. Default: 0.
   */
  readonly seed?: number;
  /**
   * Wrong labels in train and validation; test stays clean. None without.
   */
  readonly labelNoise?: {
    /**
     * symmetric: a uniformly chosen other class; pair-flip: class c becomes (c + 1) mod classes. Default: "symmetric".
     */
    readonly kind?: 'symmetric' | 'pair-flip';
    /**
     * Fraction of wrong labels: exactly round(rate * n) of the n of a part.
     */
    readonly rate: number;
    /**
     * Seed of the noise; the data set's seed without.
     */
    readonly seed?: number;
  };
  /**
   * Examples of the train part, drawn by seed; all without. Validation shrinks in proportion.
   */
  readonly train?: number;
  /**
   * Examples of the test part, drawn by seed; all without.
   */
  readonly test?: number;
}

declare module '@flatmin/core' {
  interface PluginOptions {
    readonly idx: IdxSpecOptions;
  }
  interface PluginKindById {
    readonly idx: 'dataset';
  }
}
