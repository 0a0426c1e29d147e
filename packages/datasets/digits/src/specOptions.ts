// Written by `npm run options` from the schemas of the plugins: do not edit.
export type {} from '@flatmin/core';

/**
 * Options of `{ use: 'digits' }`. Optical digits, shipped in the package: 1,297 training and 500 test images of 8x8 pixels, 10 classes.
 */
export interface DigitsSpecOptions {
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
   * Shape of one example: flat is [64], image is [8, 8, 1] (height, width, channels). Default: "flat".
   */
  readonly shape?: 'flat' | 'image';
}

declare module '@flatmin/core' {
  interface PluginOptions {
    readonly digits: DigitsSpecOptions;
  }
  interface PluginKindById {
    readonly digits: 'dataset';
  }
}
