import { show } from '@flatmin/core/plugin';
import { refuse } from '../errors/refuse.js';
import type { Augmentation, ImageShape } from './augmentation.js';
import {
  autoContrast,
  brightness,
  type ByteImage,
  color,
  contrast,
  equalize,
  posterize,
  rotate,
  sharpness,
  shearX,
  shearY,
  solarize,
  translateX,
  translateY,
} from './byteOperations.js';

/** The greatest magnitude: torchvision's 31 steps from 0. */
export const mostMagnitude = 30;

interface Operation {
  readonly name: string;
  /** Whether a coin decides the sign of the strength. */
  readonly signed: boolean;
  /** Strength at a share of the greatest magnitude, in [0, 1]. */
  readonly strength: (share: number, shape: ImageShape) => number;
  readonly apply: (image: ByteImage, strength: number) => Uint8Array;
}

const signed = (name: string, most: number, apply: Operation['apply']): Operation => ({
  name,
  signed: true,
  strength: (share) => most * share,
  apply,
});
const enhancement = (name: string, apply: (image: ByteImage, factor: number) => Uint8Array): Operation =>
  signed(name, 0.9, (image, strength) => apply(image, 1 + strength));
const unsigned = (name: string, strength: (share: number) => number, apply: Operation['apply']): Operation => ({
  name,
  signed: false,
  strength,
  apply,
});
/** The paper moves by up to 150 of the 331 pixels of its images. */
const mostShift = 150 / 331;

/** The operations of the paper, in torchvision's order. */
export const randAugmentOperations: readonly Operation[] = [
  unsigned(
    'identity',
    () => 0,
    ({ data }) => data,
  ),
  signed('shear x', 0.3, shearX),
  signed('shear y', 0.3, shearY),
  { ...signed('translate x', 0, translateX), strength: (share, { width }) => mostShift * width * share },
  { ...signed('translate y', 0, translateY), strength: (share, { height }) => mostShift * height * share },
  signed('rotate', 30, rotate),
  enhancement('brightness', brightness),
  enhancement('color', color),
  enhancement('contrast', contrast),
  enhancement('sharpness', sharpness),
  unsigned('posterize', (share) => 8 - Math.round(4 * share), posterize),
  unsigned('solarize', (share) => 255 * (1 - share), solarize),
  unsigned('auto contrast', () => 0, autoContrast),
  unsigned('equalize', () => 0, equalize),
];

/**
 * RandAugment (Cubuk et al. 2019, arXiv:1909.13719): `operations` times, one of 14 operations drawn uniformly, all at
 * one `magnitude`.
 *
 * Operations and strengths are those of torchvision's `RandAugment` (0.15 and later), on images of bytes as in Pillow,
 * with nearest-pixel sampling and black outside; m = magnitude / 30. Identity; shear x and y by 0.3 m; translate x and
 * y by 150/331 m of the width or height, in whole pixels; rotate by 30 m degrees; brightness, color, contrast and
 * sharpness by the factor 1 + 0.9 m, where 0 is black, gray, the mean and smooth, and 1 the image; posterize to 8 -
 * round(4 m) bits; solarize from 255 (1 - m) on; auto contrast; equalize. A fair coin turns the sign of shears, shifts,
 * angles and the 0.9 m. Values are brought back from the normalization to bytes, rounded to these, and normalized
 * again.
 *
 * Training on ImageNet usually takes 2 operations of magnitude 9.
 *
 * @param options `operations`: integer, at least 1; default 2. `magnitude`: integer in [0, 30]; default 9.
 * @throws FlatminError DATA_INVALID for other numbers.
 */
export function randAugment({
  operations = 2,
  magnitude = 9,
}: { readonly operations?: number | undefined; readonly magnitude?: number | undefined } = {}): Augmentation {
  if (!Number.isInteger(operations) || operations < 1) {
    refuse(`RandAugment has ${show(operations)} operations`, 'Give a positive integer.');
  }
  if (!Number.isInteger(magnitude) || magnitude < 0 || magnitude > mostMagnitude) {
    refuse(`the magnitude of RandAugment is ${show(magnitude)}`, `Give an integer from 0 to ${mostMagnitude}.`);
  }
  return (values, shape, { random, black, white }) => {
    const { channels } = shape;
    const from = (i: number): number => black[i % channels] as number;
    const range = (i: number): number => (white[i % channels] as number) - from(i);
    let data = Uint8Array.from(values, (v, i) =>
      Math.max(0, Math.min(255, Math.round((255 * (v - from(i))) / range(i)))),
    );
    const draw = random.generator();
    for (let i = 0; i < operations; i++) {
      // Two draws each, whatever the operation, so that a change of one leaves the others as they are.
      const [which, coin] = [draw(), draw()];
      const { strength, signed, apply } = randAugmentOperations[
        Math.floor(which * randAugmentOperations.length)
      ] as Operation;
      const amount = strength(magnitude / mostMagnitude, shape);
      data = apply({ ...shape, data }, signed && coin < 0.5 ? -amount : amount) as typeof data;
    }
    return Float32Array.from(data, (byte, i) => from(i) + (range(i) * byte) / 255);
  };
}
