import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { zsharp } from './plugin.js';
import type { ZsharpSpecOptions } from './specOptions.js';

const owned: { dispose(): void }[] = [];
const own = <T extends { dispose(): void }>(each: T): T => (owned.push(each), each);
afterEach(() => owned.splice(0).forEach((each) => each.dispose()));
const values = (tensor: tf.Tensor): number[] => Array.from(tensor.dataSync());
const sgd = { use: 'sgd', learningRate: 1 } as const;

/** Where the second pass was, less where the first was, under a loss whose gradients are these, in these shapes. */
function offsetsOf(
  gradients: readonly number[][],
  shapes: readonly number[][],
  options: ZsharpSpecOptions,
): number[][] {
  const slopes = gradients.map((g, i) => own(tf.tensor(g, shapes[i])));
  const variables = slopes.map((slope) => own(tf.variable(tf.zeros(slope.shape))));
  const seen: number[][][] = [];
  const loss = (): tf.Scalar => {
    seen.push(variables.map(values));
    return tf.addN(variables.map((w, i) => tf.sum(tf.mul(w, slopes[i] as tf.Tensor)))) as tf.Scalar;
  };
  own(zsharp({ ...options, base: sgd })).minimize(loss, false, variables);
  return seen[1] as number[][];
}

/** The official filter as its text goes: z with the unbiased deviation, and an interpolated quantile. */
function filtered(g: readonly number[], q: number) {
  const mean = g.reduce((sum, value) => sum + value, 0) / g.length;
  const std = Math.sqrt(g.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (g.length - 1));
  const z = g.map((value) => Math.abs((value - mean) / (std + 1e-12)));
  const sorted = [...z].sort((a, b) => a - b);
  const position = q * (g.length - 1);
  const [low, high] = [Math.floor(position), Math.ceil(position)].map((i) => sorted[i] as number) as [number, number];
  const threshold = low + (position - Math.floor(position)) * (high - low);
  const margin = Math.min(...z.map((value) => Math.abs(value - threshold)));
  return { kept: g.map((value, i) => ((z[i] as number) > threshold ? value : 0)), margin };
}

const along = (g: readonly number[], rho: number, length = Math.hypot(...g)): number[] =>
  g.map((value) => (rho * value) / length);
const near = (expected: number) => expect.closeTo(expected, 5);

const gradient = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 6, maxLength: 6 });
const runs = { numRuns: 40, seed: 1 };

describe('zsharp', () => {
  it('keeps what the quantile of |z| leaves, each matrix of length rho, a bias as in SAM', () => {
    const percentile = fc.integer({ min: 0, max: 99 });
    fc.assert(
      fc.property(gradient, gradient, percentile, fc.boolean(), (g, bias, p, isGlobal) => {
        const { kept, margin } = filtered(g, p / 100);
        fc.pre(margin > 1e-4 && Math.hypot(...kept) > 1e-2);
        const normalization = isGlobal ? 'global' : 'tensor';
        const [kernel, other] = offsetsOf([g, bias], [[2, 3], [6]], { rho: 0.3, percentile: p, normalization });
        const length = Math.hypot(...(isGlobal ? [...kept, ...bias] : [...g, ...bias]));
        expect(kernel).toEqual(along(kept, 0.3, isGlobal ? length : undefined).map(near));
        expect(other).toEqual(along(bias, 0.3, length).map(near));
      }),
      runs,
    );
  });

  it('keeps strictly more than a quantile that is one of the values', () => {
    // Distances from the mean 0: 4, 3, 2, 1, 0. Percentile 50 is at position 2, the value 2 itself.
    const [kernel] = offsetsOf([[4, -3, -2, 1, 0]], [[5, 1]], { rho: 1, percentile: 50 });
    expect(kernel).toEqual([0.8, -0.6, 0, 0, 0].map(near));
  });

  it('finds a whole position where the product of fractions would not', () => {
    // 0.29 * 100 is 28.999999999999996. Of 101 values, those above the 29th are 71.
    const g = Array.from({ length: 101 }, (_, i) => (i % 2 === 0 ? 1 : -1) * i);
    const mean = g.reduce((sum, value) => sum + value, 0) / 101;
    const distances = g.map((value) => Math.abs(value - mean)).sort((a, b) => a - b);
    const kept = g.filter((value) => Math.abs(value - mean) > (distances[29] as number)).length;
    const [kernel] = offsetsOf([g], [[101, 1]], { rho: 1, percentile: 29 });
    expect(kernel?.filter((value) => value !== 0)).toHaveLength(kept);
  });

  it('falls back to the whole gradient where nothing is kept: a constant tensor, one number, percentile 100', () => {
    const [constant, single, bias] = offsetsOf([[2, 2, 2, 2], [1], [2, 2]], [[2, 2], [1, 1], [2]], { rho: 0.5 });
    expect(constant).toEqual(along([2, 2, 2, 2], 0.5, 5).map(near));
    expect(single).toEqual([near(0.1)]);
    expect(bias).toEqual(along([2, 2], 0.5, 5).map(near));
    const [all] = offsetsOf([[3, 4]], [[2, 1]], { rho: 0.5, percentile: 100, normalization: 'global' });
    expect(all).toEqual([near(0.3), near(0.4)]);
  });

  it('filters tensors of any rank from 2 on as a whole', () => {
    const g = [1, 2, 3, 4, 5, 6, 7, 20];
    const [flat] = offsetsOf([g], [[8, 1]], { rho: 0.3, percentile: 70 });
    expect(offsetsOf([g], [[2, 2, 1, 2]], { rho: 0.3, percentile: 70 })).toEqual([flat]);
    expect(flat?.filter((value) => value !== 0).length).toBeLessThan(4);
  });

  it.each([
    [{ percentile: Number.NaN }, /percentile/],
    [{ percentile: 100.5 }, /percentile.*got 100\.5/s],
    [{ alpha: 0.95 }, /alpha.*percentile/s],
  ])('refuses %o', (options, message) => {
    expect(() => zsharp({ ...options, base: sgd } as Parameters<typeof zsharp>[0])).toThrow(message);
  });
});
