import { type LossFunction, type SharpnessAwareOptimizer } from '@flatmin/core';
import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { vasso } from './plugin.js';

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

describe('vasso', () => {
  it('perturbs by rho along the average of the gradients, newest weighed by theta', () => {
    fc.assert(
      fc.property(coordinate, coordinate, fc.double({ min: 0.01, max: 1, noNaN: true }), (a, b, theta) => {
        const optimizer = own(vasso({ rho: 0.5, theta, base: sgd }));
        let d: number[] | undefined;
        for (const w of [
          [a, b],
          [b, a],
          [a + b, 1],
        ]) {
          const { clean, offset } = step(optimizer, w);
          d = clean.map((value, i) => (1 - theta) * (d?.[i] ?? value) + theta * value);
          const length = Math.hypot(...d);
          offset.forEach((value, i) => expect(value).toBeCloseTo((0.5 * (d?.[i] as number)) / length, 4));
        }
      }),
      runs,
    );
  });

  it('climbs across the gradient of an odd batch, which a small theta hardly follows', () => {
    const optimizer = own(vasso({ rho: 0.5, theta: 0.1, base: sgd }));
    step(optimizer, [4, 0]);
    // d = 0.9 (4, 0) + 0.1 (0, 2) = (3.6, 0.2).
    const { offset } = step(optimizer, [0, 1]);
    const length = Math.hypot(3.6, 0.2);
    expect(offset).toEqual([expect.closeTo(1.8 / length, 5), expect.closeTo(0.1 / length, 5)]);
  });

  it.each([
    [{ theta: 0 }, /theta.*got 0/s],
    [{ theta: Number.NaN }, /theta/],
    [{ beta: 0.9 }, /beta.*rho, theta/s],
  ])('refuses %o', (options, message) => {
    expect(() => vasso({ ...options, base: sgd })).toThrow(message);
  });
});
