import type { LossFunction, SharpnessAwareOptimizer } from '@flatmin/core';
import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { lightsam } from './plugin.js';

const made: { dispose(): void }[] = [];
afterEach(() => made.splice(0).forEach((each) => each.dispose()));
const own = <T extends { dispose(): void }>(each: T): T => {
  made.push(each);
  return each;
};
const values = (tensor: tf.Tensor): number[] => Array.from(tensor.dataSync());
const sgd = { use: 'sgd', learningRate: 0.1 };

const bowl =
  (w: tf.Variable): LossFunction =>
  () =>
    tf.tidy(() => tf.mul(0.5, tf.sum<tf.Scalar>(tf.mul(tf.square(w), [1, 2]))));

function steps(w: tf.Variable, optimizer: SharpnessAwareOptimizer, count: number): number[] {
  return Array.from({ length: count }, () => {
    optimizer.minimize(bowl(w), false, [w]);
    return optimizer.lastStep.perturbationNorm as number;
  });
}

describe('lightsam', () => {
  it('takes the step worked out by hand, with its own sums for each gradient', () => {
    // From (3, 2): s = (3, 4), u = 1 + 25; offset 0.5 s / sqrt(26) = (0.2942, 0.3922); gp = (3.2942, 4.7845),
    // v = 1 + 10.8516 + 22.8910.
    const w = own(tf.variable(tf.tensor1d([3, 2])));
    const optimizer = own(lightsam({ rho: 0.5, epsilon: 1, base: sgd }));
    const [length] = steps(w, optimizer, 1);
    const gp = [3 + 1.5 / Math.sqrt(26), 4 + 4 / Math.sqrt(26)] as const;
    const v = 1 + gp[0] ** 2 + gp[1] ** 2;
    expect(length).toBeCloseTo(2.5 / Math.sqrt(26), 6);
    expect(values(w)[0]).toBeCloseTo(3 - (0.1 * gp[0]) / Math.sqrt(v), 6);
    expect(values(w)[1]).toBeCloseTo(2 - (0.1 * gp[1]) / Math.sqrt(v), 6);
  });

  it('never looks further than rho, and ever less far for gradients of the same size', () => {
    const size = fc.double({ min: 0.1, max: 10, noNaN: true });
    fc.assert(
      fc.property(size, size, fc.double({ min: 0.01, max: 2, noNaN: true }), (a, b, rho) => {
        const w = tf.variable(tf.tensor1d([a, b]));
        const optimizer = lightsam({ rho, base: { use: 'sgd', learningRate: 0 } });
        const lengths = steps(w, optimizer, 5);
        optimizer.dispose();
        w.dispose();
        // Weights that do not move have one gradient: u = t ||g||^2, so the offset has the length rho / sqrt(t).
        lengths.forEach((length, t) => expect(length * Math.sqrt(t + 1)).toBeCloseTo(rho, 4));
      }),
      { numRuns: 25, seed: 4 },
    );
  });

  it('is not moved by the scale of the loss, where epsilon is small', () => {
    const run = (factor: number): number[] => {
      const w = own(tf.variable(tf.tensor1d([3, 2])));
      const optimizer = own(lightsam({ rho: 0.5, base: sgd }));
      const loss = (): tf.Scalar => tf.tidy(() => tf.mul(factor, bowl(w)()));
      for (let t = 0; t < 4; t++) optimizer.minimize(loss, false, [w]);
      return values(w);
    };
    const plain = run(1);
    run(1000).forEach((value, i) => expect(value).toBeCloseTo(plain[i] as number, 5));
  });

  it('refuses an epsilon whose square is not a number of float32', () => {
    expect(() => lightsam({ epsilon: 0, base: sgd })).toThrow(/epsilon.*got 0/s);
  });
});
