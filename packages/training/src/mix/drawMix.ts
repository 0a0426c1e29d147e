import type { RandomStream } from '@flatmin/core';
import type { MixSettings } from '../settings/mix.js';
import { betaSample } from './betaSample.js';

/** Pixels of an image: from the first row and column to those before `bottom` and `right`. */
export interface Box {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/** How a batch is mixed: each example with its partner. */
export interface Mix {
  /** The share of the example itself, of its target as of its values; 1 - lambda is that of its partner. */
  readonly lambda: number;
  /** The row of each example's partner. */
  readonly partners: Uint32Array;
  /** CutMix: what comes from the partner. Absent where whole examples are blended. */
  readonly box?: Box;
}

/**
 * How a batch of this shape is mixed; undefined where it stays as it is. A function of settings, stream and shape
 * alone: the caller gives each step its own stream, and nothing has to be saved.
 *
 * One lambda and one box for the whole batch, and partners by a random permutation, as in the code of both papers.
 */
export function drawMix(settings: MixSettings, random: RandomStream, shape: readonly number[]): Mix | undefined {
  const { mixup, cutmix, prob } = settings;
  if (random.at('prob').generator()() >= prob) return undefined;
  const partners = random.at('partners').permutation(shape[0] as number);
  if (cutmix !== undefined && isCut(settings, random.at('switch'))) {
    const [, height = 0, width = 0] = shape;
    const box = drawBox(betaSample(cutmix.alpha, random.at('lambda')), [height, width], random.at('box'));
    return { partners, box, lambda: 1 - areaOf(box) / (height * width) };
  }
  return mixup && { partners, lambda: betaSample(mixup.alpha, random.at('lambda')) };
}

const isCut = ({ mixup, switchProb = 0.5 }: MixSettings, random: RandomStream): boolean =>
  mixup === undefined || random.generator()() < switchProb;

/**
 * The box of CutMix (Yun et al. 2019, as their code has it): its sides are the whole pixels of sqrt(1 - lambda) of the
 * image's, around a uniform pixel, and what sticks out is cut off, so that its area is to be counted afterwards. A side
 * of an odd number of pixels loses one, because each half is rounded down.
 */
export function drawBox(lambda: number, [height, width]: readonly [number, number], random: RandomStream): Box {
  const [u, v] = random.uniforms(2) as unknown as readonly [number, number];
  const ratio = Math.sqrt(1 - lambda);
  const sides = (size: number, uniform: number): readonly [from: number, to: number] => {
    const center = Math.floor(uniform * size);
    const half = Math.floor(Math.floor(size * ratio) / 2);
    return [Math.max(0, center - half), Math.min(size, center + half)];
  };
  const [[top, bottom], [left, right]] = [sides(height, u), sides(width, v)];
  return { top, bottom, left, right };
}

const areaOf = ({ top, bottom, left, right }: Box): number => (bottom - top) * (right - left);
