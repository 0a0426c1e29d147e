import { type LossFunction, type SharpnessAwareOptimizer } from '@flatmin/core';
import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { fisherSam } from './plugin.js';

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

describe('fisher-sam', () => {
  it('perturbs to the ellipsoid epsilon^T F epsilon = rho^2, F = 1 + eta g^2', () => {
    fc.assert(
      fc.property(coordinate, coordinate, fc.double({ min: 0, max: 10, noNaN: true }), (a, b, eta) => {
        const { clean, offset } = step(own(fisherSam({ rho: 0.5, eta, base: sgd })), [a, -b]);
        const F = clean.map((g) => 1 + eta * g * g);
        expect(
          dot(
            offset,
            offset.map((value, i) => value * (F[i] as number)),
          ),
        ).toBeCloseTo(0.25, 3);
        // The worst point of it: F epsilon is along g.
        const [normal1, normal2] = offset.map((value, i) => value * (F[i] as number)) as [number, number];
        const [g1, g2] = clean as [number, number];
        expect(Math.abs(normal1 * g2 - normal2 * g1)).toBeLessThan(
          1e-4 * Math.hypot(normal1, normal2) * Math.hypot(g1, g2),
        );
      }),
      runs,
    );
  });

  it('moves weights less the larger their gradient is, where eta is large', () => {
    // g = (1, 4), F = (1 + 100, 1 + 1600): F^-1 g = (1 / 101, 4 / 1601).
    const { offset } = step(own(fisherSam({ rho: 0.5, eta: 100, base: sgd })), [1, 2]);
    expect((offset[1] as number) / (offset[0] as number)).toBeCloseTo((4 * 101) / 1601, 3);
  });

  it('descends along the gradient at that point', () => {
    const { perturbed, taken } = step(own(fisherSam({ rho: 0.5, base: sgd })), [3, 2]);
    taken.forEach((value, i) => expect(value).toBeCloseTo(perturbed[i] as number, 5));
  });

  it.each([
    [{ eta: -1 }, /eta.*got -1/s],
    [{ gamma: 0.1 }, /gamma.*rho, eta/s],
  ])('refuses %o', (options, message) => {
    expect(() => fisherSam({ ...options, base: sgd })).toThrow(message);
  });
});
