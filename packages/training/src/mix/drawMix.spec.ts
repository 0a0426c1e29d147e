import { RandomStream } from '@flatmin/core';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { mixSchema, type MixOptions } from '../settings/mix.js';
import { drawBox, drawMix } from './drawMix.js';

/** A stream whose next uniform numbers are these. */
const streamOf = (...uniforms: readonly number[]): RandomStream => ({ uniforms: () => uniforms }) as never;

const draws = (options: MixOptions, count = 400, shape: readonly number[] = [8, 6, 10, 3]) =>
  Array.from({ length: count }, (_, i) => drawMix(mixSchema.parse(options), new RandomStream(1).at(i), shape));

describe('the box of CutMix', () => {
  // lambda 0.75 takes half of each side: 5 of 10 rows, of which 2 are on each side of the center, and 10 of 20
  // columns.
  it.each<[string, readonly [number, number], readonly number[]]>([
    ['inside', [0.5, 0.5], [3, 7, 5, 15]],
    ['at the first row, which cuts off two', [0, 0.5], [0, 2, 5, 15]],
    ['at the last pixel, which cuts off a row and four columns', [0.99, 0.99], [7, 10, 14, 20]],
  ])('is where Yun et al. put it: %s', (_, uniforms, [top, bottom, left, right]) => {
    expect(drawBox(0.75, [10, 20], streamOf(...uniforms))).toEqual({ top, bottom, left, right });
  });

  it('lies in the image, whatever is drawn, and is empty at lambda 1', () => {
    const unit = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
    const size = fc.integer({ min: 1, max: 40 });
    fc.assert(
      fc.property(unit, size, size, unit, unit, (lambda, height, width, u, v) => {
        const { top, bottom, left, right } = drawBox(lambda, [height, width], streamOf(u, v));
        expect(0 <= top && top <= bottom && bottom <= height).toBe(true);
        expect(0 <= left && left <= right && right <= width).toBe(true);
        expect((bottom - top) * (right - left)).toBeLessThanOrEqual((1 - lambda) * height * width + 1e-9);
        const none = drawBox(1, [height, width], streamOf(u, v));
        expect([none.bottom - none.top, none.right - none.left]).toEqual([0, 0]);
      }),
    );
  });
});

describe('drawMix', () => {
  it('has partners that are a permutation of the batch, others in each step', () => {
    const found = draws({ mixup: {} }, 20).map((mix) => [...(mix?.partners ?? [])]);
    found.forEach((partners) => expect([...partners].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]));
    expect(new Set(found.map(String)).size).toBeGreaterThan(15);
  });

  it('counts the area of the box that is left of CutMix', () => {
    for (const mix of draws({ cutmix: {} })) {
      const { top, bottom, left, right } = mix!.box!;
      expect(mix!.lambda).toBeCloseTo(1 - ((bottom - top) * (right - left)) / 60, 12);
    }
  });

  // Five standard deviations of 400 draws are at most 50.
  it.each<[string, MixOptions, readonly [none: number, mixup: number, cutmix: number]]>([
    ['mixup alone', { mixup: {} }, [0, 400, 0]],
    ['cutmix alone', { cutmix: {} }, [0, 0, 400]],
    ['both', { mixup: {}, cutmix: {} }, [0, 200, 200]],
    ['both, mostly cutmix', { mixup: {}, cutmix: {}, switchProb: 0.9 }, [0, 40, 360]],
    ['never cutmix', { mixup: {}, cutmix: {}, switchProb: 0 }, [0, 400, 0]],
    ['half of the batches', { mixup: {}, prob: 0.5 }, [200, 200, 0]],
    ['both in a quarter', { mixup: {}, cutmix: {}, prob: 0.25 }, [300, 50, 50]],
  ])('uses them as often as it is told: %s', (_, options, expected) => {
    const found = draws(options);
    const cut = found.filter((mix) => mix?.box !== undefined).length;
    const none = found.filter((mix) => mix === undefined).length;
    [none, 400 - none - cut, cut].forEach((times, i) => {
      const share = (expected[i] as number) / 400;
      expect(Math.abs(times - (expected[i] as number))).toBeLessThanOrEqual(5 * Math.sqrt(400 * share * (1 - share)));
    });
  });

  it('is a function of settings, stream and shape', () => {
    expect(draws({ mixup: {}, cutmix: {} })).toEqual(draws({ mixup: {}, cutmix: {} }));
  });
});
