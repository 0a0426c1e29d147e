import type { LossFunction, SharpnessAwareOptimizer } from '@flatmin/core';
import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { gam } from './plugin.js';

const made: { dispose(): void }[] = [];
afterEach(() => made.splice(0).forEach((each) => each.dispose()));
const own = <T extends { dispose(): void }>(each: T): T => {
  made.push(each);
  return each;
};
const values = (tensor: tf.Tensor): number[] => Array.from(tensor.dataSync());
const sgd = { use: 'sgd', learningRate: 0.1 };

/** L(w) = 1/2 (w1^2 + 4 w2^2): gradient (w1, 4 w2). */
const bowl =
  (w: tf.Variable): LossFunction =>
  () =>
    tf.tidy(() => tf.mul(0.5, tf.sum<tf.Scalar>(tf.mul(tf.square(w), [1, 4]))));

/** Where each pass of one step stood, less where the step began. */
function offsets(w: number[], optimizer: SharpnessAwareOptimizer): { offsets: number[][]; after: number[] } {
  const variable = own(tf.variable(tf.tensor1d(w)));
  const seen: number[][] = [];
  const loss = (): tf.Scalar => {
    seen.push(values(variable));
    return bowl(variable)();
  };
  own(optimizer).minimize(loss, false, [variable]);
  return { offsets: seen.map((point) => point.map((value, i) => value - (w[i] as number))), after: values(variable) };
}

describe('gam', () => {
  it('climbs along g0 by gradRho, along h by gradNormRho, and on along g2 by gradRho', () => {
    // From (3, 1): g0 = (3, 4), offset (0.3, 0.4); h = (0.3, 1.6), offset h / sqrt(2.65).
    const { offsets: at } = offsets([3, 1], gam({ gradNormRho: 1, gradRho: 0.5, base: sgd }));
    expect(at).toHaveLength(4);
    const [start, first, second, third] = at as [number[], number[], number[], number[]];
    expect(start).toEqual([0, 0]);
    expect(first).toEqual([expect.closeTo(0.3, 6), expect.closeTo(0.4, 6)]);
    expect(second).toEqual([expect.closeTo(0.3 / Math.sqrt(2.65), 5), expect.closeTo(1.6 / Math.sqrt(2.65), 5)]);
    const g2 = [3 + (second[0] as number), 4 * (1 + (second[1] as number))] as const;
    const onward = third.map((value, i) => value - (second[i] as number));
    expect(onward).toEqual(g2.map((value) => expect.closeTo((0.5 * value) / Math.hypot(...g2), 5)));
  });

  it('takes the part of p along q back: only what is across q turns the step', () => {
    // The step without gamma is q; what gamma adds is orthogonal to it, and proportional to gamma.
    const step = (w: number[], gamma: number): number[] => {
      const { after } = offsets(
        w,
        gam({ gradNormRho: 0.7, gradRho: 0.3, gamma, base: { use: 'sgd', learningRate: 1 } }),
      );
      return after.map((value, i) => (w[i] as number) - value);
    };
    const coordinate = fc.double({ min: 0.2, max: 3, noNaN: true });
    fc.assert(
      fc.property(coordinate, coordinate, fc.double({ min: 0.1, max: 1, noNaN: true }), (a, b, gamma) => {
        const q = step([a, -b], 0);
        const turned = step([a, -b], gamma).map((value, i) => value - (q[i] as number));
        const twice = step([a, -b], 2 * gamma).map((value, i) => value - (q[i] as number));
        const along = (turned[0] as number) * (q[0] as number) + (turned[1] as number) * (q[1] as number);
        expect(Math.abs(along) / Math.hypot(...q) ** 2).toBeLessThan(1e-5);
        twice.forEach((value, i) => expect(value).toBeCloseTo(2 * (turned[i] as number), 4));
      }),
      { numRuns: 25, seed: 3 },
    );
  });

  it('takes beta2 by its size, as the official code does', () => {
    const run = (beta2: number): number[] => offsets([3, 1], gam({ beta2, gamma: 0.5, base: sgd })).after;
    expect(run(-0.5)).toEqual(run(0.5));
    expect(run(0)).not.toEqual(run(0.5));
  });

  it('is the plain step where the gradient is zero', () => {
    expect(offsets([0, 0], gam({ base: sgd })).after).toEqual([0, 0]);
  });

  it.each([
    [{ gradRho: -1 }, /gradRho.*got -1/s],
    [{ rho: 0.1 }, /rho.*gradNormRho, gradRho/s],
  ])('refuses %o', (options, message) => {
    expect(() => gam({ ...options, base: sgd })).toThrow(message);
  });
});
