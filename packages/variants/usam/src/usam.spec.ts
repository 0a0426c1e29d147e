import { Bowl } from '@flatmin/conformance';
import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { usam } from './plugin.js';

const { own, step, loss: bowl, dispose } = new Bowl();
afterEach(dispose);
/** At learning rate 1 the step is the final gradient. */
const sgd = { use: 'sgd', learningRate: 1 };

const coordinate = fc.double({ min: 0.1, max: 5, noNaN: true });
const runs = { numRuns: 25, seed: 1 };

describe('usam', () => {
  it('perturbs by rho times the gradient, neither longer nor shorter', () => {
    fc.assert(
      fc.property(coordinate, coordinate, fc.double({ min: 0.001, max: 1, noNaN: true }), (a, b, rho) => {
        const optimizer = own(usam({ rho, base: sgd }));
        const { clean, offset, perturbed, taken } = step(optimizer, [a, -b]);
        offset.forEach((value, i) => expect(value).toBeCloseTo(rho * (clean[i] as number), 4));
        taken.forEach((value, i) => expect(value).toBeCloseTo(perturbed[i] as number, 4));
        expect(optimizer.lastStep.perturbationNorm).toBeCloseTo(rho * Math.hypot(...clean), 4);
      }),
      runs,
    );
  });

  it('scales its perturbation with the loss, as SAM does not', () => {
    const offsetOf = (c: number): number => {
      const w = own(tf.variable(tf.tensor1d([3, 2])));
      const optimizer = own(usam({ rho: 0.1, base: sgd }));
      optimizer.minimize(() => tf.mul<tf.Scalar>(c, bowl(w)()), false, [w]);
      return optimizer.lastStep.perturbationNorm as number;
    };
    expect(offsetOf(1)).toBeCloseTo(0.5, 6);
    expect(offsetOf(4)).toBeCloseTo(2, 6);
  });

  it('fades at a minimum', () => {
    const { offset, taken } = step(own(usam({ rho: 0.5, base: sgd })), [1e-4, 0]);
    expect(offset[0]).toBeCloseTo(0.5e-4, 8);
    expect(taken[0]).toBeCloseTo(1.5e-4, 8);
  });

  it.each([
    [{ rho: -1 }, /rho.*got -1/s],
    [{ eta: 1 }, /eta.*rho/s],
  ])('refuses %o', (options, message) => {
    expect(() => usam({ ...options, base: sgd })).toThrow(message);
  });
});
