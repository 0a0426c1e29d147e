import { type LossFunction, type SharpnessAwareOptimizer } from '@flatmin/core';
import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { gsam } from './plugin.js';

const made: { dispose(): void }[] = [];
afterEach(() => made.splice(0).forEach((each) => each.dispose()));
const own = <T extends { dispose(): void }>(each: T): T => {
  made.push(each);
  return each;
};
const values = (tensor: tf.Tensor): number[] => Array.from(tensor.dataSync());
/** At learning rate 1 the step is the final gradient. */
const sgd = { use: 'sgd', learningRate: 1 };

/** L(w) = 1/2 (w1^2 + 2 w2^2) over one kernel [2], whose gradient is (w1, 2 w2). */
const bowl =
  (w: tf.Variable, seen: number[][] = []): LossFunction =>
  () => {
    seen.push(values(w));
    return tf.tidy(() => tf.mul(0.5, tf.sum<tf.Scalar>(tf.mul(tf.square(w), [1, 2]))));
  };
const gradientAt = ([a = 0, b = 0]: number[]): number[] => [a, 2 * b];

const variables = new WeakMap<SharpnessAwareOptimizer, tf.Variable>();

/** One step from w: where the loss was evaluated, and what was subtracted from the weights. */
function step(optimizer: SharpnessAwareOptimizer, w: number[]) {
  const variable = variables.get(optimizer) ?? own(tf.variable(tf.zeros([w.length])));
  variables.set(optimizer, variable);
  tf.tidy(() => variable.assign(tf.tensor1d(w)));
  const seen: number[][] = [];
  optimizer.minimize(bowl(variable, seen), false, [variable]);
  const after = values(variable);
  const [clean = [], moved = []] = seen;
  const offset = moved.map((value, i) => value - (clean[i] as number));
  return {
    offset,
    perturbed: gradientAt(moved),
    clean: gradientAt(clean),
    taken: w.map((value, i) => value - (after[i] as number)),
  };
}

const dot = (a: number[], b: number[]): number => a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);
const coordinate = fc.double({ min: 0.1, max: 5, noNaN: true });
const runs = { numRuns: 25, seed: 1 };

describe('gsam', () => {
  it('subtracts what is orthogonal to the perturbed gradient, and that alone', () => {
    fc.assert(
      fc.property(coordinate, coordinate, fc.double({ min: 0, max: 2, noNaN: true }), (a, b, alpha) => {
        const { clean, perturbed, taken } = step(own(gsam({ rho: 0.5, alpha, base: sgd })), [a, -b]);
        const removed = perturbed.map((value, i) => value - (taken[i] as number));
        expect(Math.abs(dot(removed, perturbed))).toBeLessThan(2e-5 * dot(perturbed, perturbed));
        // Of the clean gradient, what removed / alpha leaves is along the perturbed one.
        const rest = clean.map((value, i) => alpha * value - (removed[i] as number));
        const [p1 = 0, p2 = 0] = perturbed;
        expect(Math.abs(dot(rest, [-p2, p1]))).toBeLessThan(2e-5 * dot(perturbed, perturbed));
      }),
      runs,
    );
  });

  it('is SAM where both gradients are parallel, as in one dimension', () => {
    const w = own(tf.variable(tf.tensor1d([3])));
    own(gsam({ rho: 0.5, alpha: 0.7, base: sgd })).minimize(() => tf.sum<tf.Scalar>(tf.square(w)), false, [w]);
    expect(values(w)[0]).toBeCloseTo(3 - 2 * 3.5, 5);
  });

  it('follows the learning rate with the proportional schedule, at once', () => {
    const rho = { schedule: 'proportional', rhoMax: 0.3, rhoMin: 0.1, learningRateMax: 1, learningRateMin: 0 } as const;
    const optimizer = own(gsam({ rho, base: sgd }));
    step(optimizer, [3, 2]);
    expect(optimizer.lastStep.radius).toBeCloseTo(0.3, 6);
    optimizer.learningRate = 0.5;
    expect(Math.hypot(...step(optimizer, [3, 2]).offset)).toBeCloseTo(0.2, 5);
    expect(optimizer.lastStep.radius).toBeCloseTo(0.2, 6);
  });

  it.each([
    [{ alpha: Number.NaN }, /alpha/],
    [{ rho: { schedule: 'proportional', rhoMax: 1 } }, /rho/],
    [{ rhoMax: 1 }, /rhoMax.*rho, alpha/s],
  ])('refuses %o', (options, message) => {
    expect(() => gsam({ ...options, base: sgd } as Parameters<typeof gsam>[0])).toThrow(message);
  });
});
