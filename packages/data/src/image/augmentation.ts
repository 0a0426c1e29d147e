import type { RandomStream } from '@flatmin/core';

/** An image as row-major values, height x width x channels. */
export interface ImageShape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/**
 * One step of an augmentation: gives a changed image of the same shape, in new values or in those it got.
 *
 * `random` is this example's, this epoch's and this step's own; `black` and `white` are the values of a black and a
 * white pixel in each channel, after normalization.
 */
export type Augmentation = (
  values: Float32Array,
  shape: ImageShape,
  context: { readonly random: RandomStream; readonly black: readonly number[]; readonly white: readonly number[] },
) => Float32Array;
