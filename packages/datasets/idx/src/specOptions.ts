// Written by `npm run options` from the schemas of the plugins: do not edit.
export type {} from '@flatmin/core';

/**
 * Options of `{ use: 'idx' }`. MNIST, Fashion-MNIST, EMNIST and other images in IDX files, raw or gzip.
 */
export interface IdxSpecOptions {
  /**
   * A published set: determines classes, names, normalization, orientation, and the place where packages install it.
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
   * Beginning of the file names, if several sets share a folder.
   */
  readonly prefix?: string;
  /**
   * Number of classes; default: the set's, otherwise 10.
   */
  readonly classes?: number;
  /**
   * Added to each label, so that classes start at 0; default: the set's, otherwise 0.
   */
  readonly labelOffset?: number;
  /**
   * Swaps rows and columns of the images, as EMNIST needs; default: the set's, otherwise false.
   */
  readonly transpose?: boolean;
  /**
   * Fraction held out for test by seed if there are no test files. Default: 0.1.
   */
  readonly testFraction?: number;
  /**
   * Shape of one example: flat is [height * width], image is [height, width, 1]. Default: "flat".
   */
  readonly shape?: 'flat' | 'image';
  /**
   * (x - mean) / std per channel, x in [0, 1]: constants by name, or your own { mean, std }; false: none. Default: the set's, else none.
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
   * Bytes up to which a raw image file is read into memory at once; a larger file is read as it is used. Default: 268435456.
   */
  readonly memory?: number;
  /**
   * Fraction of the official training rows held out for validation, drawn by seed. Default: 0.1.
   */
  readonly validation?: number;
  /**
   * Seed of the validation split, and of the label noise if that has no seed. Default: 0.
   */
  readonly seed?: number;
  /**
   * Wrong labels in train and validation; test stays clean. Default: none.
   */
  readonly labelNoise?: {
    /**
     * symmetric: a uniformly chosen other class; pair-flip: class c becomes (c + 1) mod classes. Default: "symmetric".
     */
    readonly kind?: 'symmetric' | 'pair-flip';
    /**
     * Fraction of wrong labels: exactly round(rate * n) of the n labels of a part.
     */
    readonly rate: number;
    /**
     * Seed of the noise; default: the data set's seed.
     */
    readonly seed?: number;
  };
  /**
   * Number of examples of the train part, drawn by seed; default: all. Validation shrinks in proportion.
   */
  readonly train?: number;
  /**
   * Number of examples of the test part, drawn by seed; default: all.
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
