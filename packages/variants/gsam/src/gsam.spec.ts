import { Bowl } from '@flatmin/conformance';
import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { gsam } from './plugin.js';

const { own, step, dispose } = new Bowl();
afterEach(dispose);
const values = (tensor: tf.Tensor): number[] => Array.from(tensor.dataSync());
/** At learning rate 1 the step is the final gradient. */
const sgd = { use: 'sgd', learningRate: 1 };

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
