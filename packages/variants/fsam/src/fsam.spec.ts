import { type LossFunction, type SharpnessAwareOptimizer } from '@flatmin/core';
import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { fsam } from './plugin.js';

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

const coordinate = fc.double({ min: 0.1, max: 5, noNaN: true });
const runs = { numRuns: 25, seed: 1 };

describe('fsam', () => {
  it('perturbs by rho: first along the gradient, then along what the last average lacks', () => {
    fc.assert(
      fc.property(coordinate, coordinate, fc.double({ min: 0, max: 0.9, noNaN: true }), (a, b, sigma) => {
        const optimizer = own(fsam({ rho: 0.5, sigma, lambda: 0.6, base: sgd }));
        const first = step(optimizer, [a, -b]);
        const second = step(optimizer, [b + 5, a]);
        const d = second.clean.map((value, i) => value - sigma * (first.clean[i] as number));
        for (const [{ offset }, along] of [
          [first, first.clean],
          [second, d],
        ] as const) {
          offset.forEach((value, i) =>
            expect(value).toBeCloseTo((0.5 * (along[i] as number)) / Math.hypot(...along), 4),
          );
        }
      }),
      runs,
    );
  });

  it('averages the gradients as they were, not what it perturbed along', () => {
    // Gradients (3, 4), (1, 2), (5, 0): m0 = (3, 4), m1 = 0.5 (3, 4) + 0.5 (1, 2) = (2, 3), d2 = (5, 0) - (2, 3) = (3, -3).
    const optimizer = own(fsam({ rho: 0.5, sigma: 1, lambda: 0.5, base: sgd }));
    step(optimizer, [3, 2]);
    step(optimizer, [1, 1]);
    const { offset } = step(optimizer, [5, 0]);
    expect(offset).toEqual([expect.closeTo(0.5 * Math.SQRT1_2, 5), expect.closeTo(-0.5 * Math.SQRT1_2, 5)]);
  });

  it('perturbs nothing where the batch has nothing of its own', () => {
    const optimizer = own(fsam({ rho: 0.5, base: sgd }));
    step(optimizer, [3, 2]);
    const { offset, clean, taken } = step(optimizer, [3, 2]);
    expect(offset).toEqual([0, 0]);
    expect(taken).toEqual(clean);
    expect(optimizer.lastStep.perturbationNorm).toBe(0);
  });

  it.each([
    [{ sigma: Number.NaN }, /sigma/],
    [{ lambda: -0.1 }, /lambda/],
    [{ lmbda: 0.9 }, /lmbda.*rho, sigma, lambda/s],
  ])('refuses %o', (options, message) => {
    expect(() => fsam({ ...options, base: sgd })).toThrow(message);
  });
});
