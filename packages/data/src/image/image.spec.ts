import { RandomStream } from '@flatmin/core';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import {
  augmentationsOf,
  augmentSchema,
  cutout,
  horizontalFlip,
  imageInput,
  imagePipeline,
  imageSchema,
  memoryOf,
  normalizationOf,
  normalizeSchema,
  randomCrop,
} from '../index.js';

const shape = { height: 3, width: 2, channels: 2 };
/** Values 1 to 12: pixel (r, c), channel k is 1 + 4 r + 2 c + k. */
const image = (): Float32Array => Float32Array.from({ length: 12 }, (_, i) => i + 1);
const black = [-1, -2];
const white = [100, 200];
/** The results of many draws, each once. */
const all = (augmentation: ReturnType<typeof randomCrop>): string[] => [
  ...new Set(
    Array.from({ length: 300 }, (_, i) =>
      augmentation(image(), shape, { random: new RandomStream(i), black, white }).join(),
    ),
  ),
];

describe('randomCrop', () => {
  it('shifts by every offset up to the padding, with black around', () => {
    const found = all(randomCrop({ padding: 1 }));
    expect(found).toHaveLength(9);
    expect(found).toContain(image().join());
    // One down, one right: the original's pixel (1, 1) comes to (0, 0).
    expect(found).toContain([7, 8, -1, -2, 11, 12, -1, -2, -1, -2, -1, -2].join());
    // One up, none sideways.
    expect(found).toContain([-1, -2, -1, -2, 1, 2, 3, 4, 5, 6, 7, 8].join());
  });

  it('is the identity without padding', () => expect(all(randomCrop({ padding: 0 }))).toEqual([image().join()]));
});

describe('horizontalFlip', () => {
  const mirrored = [3, 4, 1, 2, 7, 8, 5, 6, 11, 12, 9, 10].join();
  it('mirrors columns, channels kept, always or never where asked', () => {
    expect(all(horizontalFlip({ probability: 1 }))).toEqual([mirrored]);
    expect(all(horizontalFlip({ probability: 0 }))).toEqual([image().join()]);
  });

  it('mirrors half of the time', () => {
    const flips = Array.from({ length: 1000 }, (_, i) =>
      horizontalFlip()(image(), shape, { random: new RandomStream(i), black, white }).join(),
    ).filter((each) => each === mirrored).length;
    // Binomial(1000, 1/2): 4 standard deviations are 63.
    expect(Math.abs(flips - 500)).toBeLessThan(63);
  });
});

describe('cutout', () => {
  it('clears one pixel of every channel, each pixel sometimes', () => {
    const found = all(cutout({ size: 1 }));
    expect(found).toHaveLength(6);
    expect(found).toContain([1, 2, 3, 4, 5, 6, 0, 0, 9, 10, 11, 12].join());
  });

  it('may stick out: of a square of 2, one to four pixels', () => {
    const cleared = all(cutout({ size: 2 })).map((each) => each.split(',').filter((v) => v === '0').length / 2);
    expect([...new Set(cleared)].sort()).toEqual([1, 2, 4]);
  });
});

describe('imagePipeline', () => {
  it('scales bytes, normalizes per channel, and leaves the raw values alone', () => {
    const raw = Uint8Array.of(0, 255, 51, 102);
    const prepare = imagePipeline({
      shape: { height: 1, width: 2, channels: 2 },
      normalize: { mean: [0.5, 0.25], std: [0.5, 2] },
    });
    // (0 - .5) / .5, (1 - .25) / 2, (.2 - .5) / .5, (.4 - .25) / 2
    expect([...prepare(raw)].map((v) => +v.toFixed(6))).toEqual([-1, 0.375, -0.6, 0.075]);
    expect([...raw]).toEqual([0, 255, 51, 102]);
    expect([...prepare(Float32Array.of(0, 1, 0.2, 0.4))]).toEqual([...prepare(raw)]);
  });

  it('augments by the stream alone, with the black of the normalization', () => {
    const prepare = imagePipeline({
      shape: { height: 1, width: 1, channels: 1 },
      normalize: { mean: [0.25], std: [0.5] },
      augment: [randomCrop({ padding: 3 })],
    });
    const draws = Array.from({ length: 100 }, (_, i) => prepare(Uint8Array.of(255), new RandomStream(i))[0]);
    expect(new Set(draws)).toEqual(new Set([1.5, -0.5]));
    expect(Array.from({ length: 100 }, (_, i) => prepare(Uint8Array.of(255), new RandomStream(i))[0])).toEqual(draws);
    expect(prepare(Uint8Array.of(255))[0]).toBe(1.5);
  });

  it('refuses constants of another number of channels', () => {
    expect(() => imagePipeline({ shape, normalize: normalizationOf('mnist') })).toThrow(/2 channels/);
  });
});

describe('the options', () => {
  it('make the steps they name, in order', () => {
    const parsed = augmentSchema.parse([{ use: 'crop' }, { use: 'flip' }, { use: 'cutout', size: 8 }]);
    expect(parsed).toEqual([
      { use: 'crop', padding: 4 },
      { use: 'flip', probability: 0.5 },
      { use: 'cutout', size: 8 },
    ]);
    const [flip, clear] = augmentationsOf([
      { use: 'flip', probability: 1 },
      { use: 'cutout', size: 9 },
    ]);
    const context = { random: new RandomStream(0), black, white };
    expect(flip?.(image(), shape, context)[0]).toBe(3);
    expect([...(clear?.(image(), shape, context) ?? [1])].every((v) => v === 0)).toBe(true);
    expect(augmentSchema.safeParse([{ use: 'crop', pading: 4 }]).success).toBe(false);
  });

  it('take constants by name, by number, or none', () => {
    for (const choice of ['imagenet', { mean: [0], std: [1] }, false]) {
      expect(normalizeSchema.safeParse(choice).success).toBe(true);
    }
    expect(normalizeSchema.safeParse('imgnet').success).toBe(false);
    expect(normalizationOf('fashion-mnist')).toEqual({ mean: [0.286], std: [0.353] });
    expect(normalizationOf(false)).toBeUndefined();
  });
});

describe('the options that image data sets share', () => {
  const own = { shape: 'flat', shapes: 'a', normalize: 'b', memory: 'c' } as const;

  it('have the defaults that code has', () => {
    expect(z.strictObject(imageSchema(own)).parse({})).toEqual({ shape: 'flat', augment: [], memory: 2 ** 28 });
    expect([memoryOf({}), memoryOf({ memory: 0 })]).toEqual([2 ** 28, 0]);
  });

  it('make the shape of an example and its values', () => {
    const defaults = { shape: 'flat', normalize: { mean: [0, 0], std: [0.5, 1] } } as const;
    const { inputShape, prepare } = imageInput(shape, {}, defaults);
    expect([inputShape, [...prepare(Uint8Array.of(255, 255))]]).toEqual([[12], [2, 1]]);
    const other = imageInput(
      shape,
      { shape: 'image', normalize: false, augment: [{ use: 'cutout', size: 9 }] },
      defaults,
    );
    expect([other.inputShape, [...other.prepare(Uint8Array.of(255, 51))]]).toEqual([
      [3, 2, 2],
      [1, Math.fround(0.2)],
    ]);
    expect(other.prepare(new Uint8Array(12).fill(9), new RandomStream(0)).every((v) => v === 0)).toBe(true);
  });
});
