// Written by `npm run options` from the schemas of the plugins: do not edit.
export type {} from '@flatmin/core';

/**
 * Options of `{ use: 'image-folder' }`. Folders of JPEG and PNG images, one per class: ImageNet, or your own.
 */
export interface ImageFolderSpecOptions {
  /**
   * Folder with train, and val or test, each with one folder per class; or with the folders of the classes themselves.
   */
  readonly dir: string;
  /**
   * Pixels of each side of an example; default: 224, or for smaller images their largest shorter side.
   */
  readonly size?: number;
  /**
   * Pixels of the shorter side before the center is cut out, at least size; default: round(size * 256 / 224), or size if that follows from smaller images.
   */
  readonly resize?: number;
  /**
   * Colors of an example: 3 is RGB, 1 is gray. Default: 3.
   */
  readonly channels?: 1 | 3;
  /**
   * Converts gray, RGB, CMYK, 16-bit and transparent images to `channels` of 8 bits; false refuses them. Default: true.
   */
  readonly convert?: boolean;
  /**
   * Largest number of pixels of an image; decoding takes up to 32 bytes per pixel. Default: 33554432.
   */
  readonly maxPixels?: number;
  /**
   * Number of decoding threads; 0 decodes in the thread that reads. Default: 2.
   */
  readonly workers?: number;
  /**
   * Fraction held out for test by seed if there is no test folder. Default: 0.1.
   */
  readonly testFraction?: number;
  /**
   * Shape of one example: image is [size, size, channels], flat is [size * size * channels]. Default: "image".
   */
  readonly shape?: 'flat' | 'image';
  /**
   * (x - mean) / std per channel, x in [0, 1]: constants by name, or your own { mean, std }; false: none. Default: imagenet for RGB, none for gray.
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
   * Bytes up to which all examples together are kept once they are decoded; otherwise each is decoded in each epoch. Default: 268435456.
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
    readonly 'image-folder': ImageFolderSpecOptions;
  }
  interface PluginKindById {
    readonly 'image-folder': 'dataset';
  }
}
