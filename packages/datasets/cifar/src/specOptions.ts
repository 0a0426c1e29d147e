// Written by `npm run options` from the schemas of the plugins: do not edit.
export type {} from '@flatmin/core';

/**
 * Options of `{ use: 'cifar' }`. CIFAR-10 and CIFAR-100, binary version: 60,000 color images of 32 x 32 pixels.
 */
export interface CifarSpecOptions {
  /**
   * Folder of the binary version, or the folder in which its archive was unpacked.
   */
  readonly dir: string;
  /**
   * CIFAR-10 or CIFAR-100; default: the one in the folder.
   */
  readonly classes?: 10 | 100;
  /**
   * Only for CIFAR-100: fine, the 100 classes, or coarse, their 20 superclasses. Default: "fine".
   */
  readonly labels?: 'fine' | 'coarse';
  /**
   * Shape of one example: image is [32, 32, 3], flat is [3072]. Default: "image".
   */
  readonly shape?: 'flat' | 'image';
  /**
   * (x - mean) / std per channel, x in [0, 1]: constants by name, or your own { mean, std }; false: none. Default: the set's.
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
   * Bytes up to which the files are read into memory at once; larger files are read as they are used. Default: 268435456.
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
    readonly cifar: CifarSpecOptions;
  }
  interface PluginKindById {
    readonly cifar: 'dataset';
  }
}
