import { type RandomStream, show } from '@flatmin/core';
import * as z from 'zod';
import { refuse } from '../source/table.js';
import { mostMagnitude, randAugment } from './randAugment.js';

/** An image as row-major values, height x width x channels. */
export interface ImageShape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/**
 * One step of an augmentation: gives a changed image of the same shape, in new values or in those it got.
 *
 * `random` is this example's, this epoch's and this step's own; `black` and `white` are the values of a black and a white pixel in each
 * channel, after normalization.
 */
export type Augmentation = (
  values: Float32Array,
  shape: ImageShape,
  context: { readonly random: RandomStream; readonly black: readonly number[]; readonly white: readonly number[] },
) => Float32Array;

/**
 * Pads with black by `padding` pixels on each side and cuts out the original size at a uniform place: a shift by -padding to
 * padding in each direction (He et al. 2016, arXiv:1512.03385, section 4.2, with 4).
 */
export function randomCrop({ padding }: { readonly padding: number }): Augmentation {
  checkPixels('padding', padding, 0);
  return (values, { height, width, channels }, { random, black }) => {
    const [down, right] = [...random.uniforms(2)].map((u) => Math.floor(u * (2 * padding + 1)) - padding);
    const shifted = new Float32Array(values.length);
    for (let i = 0; i < values.length; i++) {
      const channel = i % channels;
      const pixel = (i - channel) / channels;
      const row = Math.floor(pixel / width) + (down as number);
      const column = (pixel % width) + (right as number);
      const inside = row >= 0 && row < height && column >= 0 && column < width;
      shifted[i] = (inside ? values[(row * width + column) * channels + channel] : black[channel]) as number;
    }
    return shifted;
  };
}

/** Mirrors left and right with this probability, default one half. */
export function horizontalFlip({ probability = 0.5 }: { readonly probability?: number } = {}): Augmentation {
  if (!(probability >= 0 && probability <= 1))
    refuse(`the probability of a flip is ${show(probability)}`, 'Give 0 to 1.');
  return (values, { width, channels }, { random }) => {
    if (random.generator()() >= probability) return values;
    const flipped = new Float32Array(values.length);
    for (let i = 0; i < values.length; i++) {
      const channel = i % channels;
      const column = ((i - channel) / channels) % width;
      flipped[i] = values[i + (width - 1 - 2 * column) * channels] as number;
    }
    return flipped;
  };
}

/**
 * Sets a square of `size` x `size` pixels to 0, the mean of a normalized image. Its center is a uniform pixel, so it may stick out
 * (DeVries & Taylor 2017, arXiv:1708.04552: 16 for CIFAR-10, 8 for CIFAR-100).
 */
export function cutout({ size }: { readonly size: number }): Augmentation {
  checkPixels('size', size, 1);
  return (values, { height, width, channels }, { random }) => {
    const [u, v] = random.uniforms(2) as unknown as readonly [number, number];
    const top = Math.floor(u * height) - Math.floor(size / 2);
    const left = Math.floor(v * width) - Math.floor(size / 2);
    for (let row = Math.max(0, top); row < Math.min(height, top + size); row++) {
      const start = (row * width + Math.max(0, left)) * channels;
      const end = (row * width + Math.min(width, left + size)) * channels;
      values.fill(0, start, end);
    }
    return values;
  };
}

function checkPixels(name: string, value: number, least: number): void {
  if (!Number.isInteger(value) || value < least)
    refuse(`${name} is ${show(value)}`, `Give whole pixels, at least ${least}.`);
}

const steps = z.discriminatedUnion('use', [
  z.strictObject({ use: z.literal('crop'), padding: z.int().min(0).default(4) }),
  z.strictObject({ use: z.literal('flip'), probability: z.number().min(0).max(1).default(0.5) }),
  z.strictObject({ use: z.literal('cutout'), size: z.int().min(1) }),
  z.strictObject({
    use: z.literal('rand-augment'),
    operations: z.int().min(1).default(2),
    magnitude: z.int().min(0).max(mostMagnitude).default(9),
  }),
]);

/** The option `augment` of image data sets. */
export const augmentSchema = z
  .array(steps)
  .default([])
  .describe(
    'Steps in order, drawn anew for each example and epoch: crop { padding }, flip { probability }, cutout { size }, ' +
      'rand-augment { operations, magnitude }.',
  );

export type AugmentChoice = Readonly<NonNullable<z.input<typeof augmentSchema>>>;

/** The steps of the option `augment`. */
export function augmentationsOf(choice: AugmentChoice): readonly Augmentation[] {
  return choice.map((step) => {
    if (step.use === 'crop') return randomCrop({ padding: step.padding ?? 4 });
    if (step.use === 'flip')
      return horizontalFlip(step.probability === undefined ? {} : { probability: step.probability });
    if (step.use === 'rand-augment') return randAugment(step);
    return cutout(step);
  });
}
