import { Bowl } from '@flatmin/conformance';
import { capture } from '@flatmin/graph';
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

  it('mixes the factors of USAM and SAM by lambda', () => {
    const share = fc.integer({ min: 0, max: 100 }).map((hundredths) => hundredths / 100);
    fc.assert(
      fc.property(coordinate, coordinate, share, (a, b, lambda) => {
        const { clean, offset } = step(own(usam({ rho: 0.3, lambda, base: sgd })), [a, -b]);
        const factor = 0.3 * (1 - lambda + lambda / Math.hypot(...clean));
        offset.forEach((value, i) => expect(value).toBeCloseTo(factor * (clean[i] as number), 4));
      }),
      runs,
    );
  });

  it.each([
    ['1/t', (t: number) => 1 / t],
    ['1-1/t', (t: number) => 1 - 1 / t],
  ] as const)('has lambda %s at step t = 1, 2, ..., and goes on there when it is resumed', async (lambda, at) => {
    const w = [3, 2];
    const lengthAt = (t: number): number => 0.3 * (5 * (1 - at(t)) + at(t));
    const optimizer = own(usam({ rho: 0.3, lambda, base: sgd }));
    for (let t = 1; t <= 4; t++) {
      step(optimizer, w);
      expect(optimizer.lastStep.perturbationNorm).toBeCloseTo(lengthAt(t), 5);
    }
    const saved = await optimizer.getWeights();
    const resumed = own(usam({ rho: 0.3, lambda, base: sgd }));
    await resumed.setWeights(saved);
    tf.dispose(saved.map(({ tensor }) => tensor));
    step(resumed, w);
    expect(resumed.lastStep.perturbationNorm).toBeCloseTo(lengthAt(5), 5);
  });

  it.each(['1/t', '1-1/t'] as const)('replays lambda %s as a graph', (lambda) => {
    if (tf.getBackend() !== 'tensorflow') return;
    const run = (isCaptured: boolean): number[] => {
      const w = own(tf.variable(tf.tensor1d([3, 2])));
      const optimizer = own(usam({ rho: 0.3, lambda, base: { use: 'sgd', learningRate: 0.1 } }));
      const taken = isCaptured ? capture(optimizer, () => bowl(w), []) : undefined;
      for (let t = 0; t < 20; t++) {
        if (taken === undefined) optimizer.minimize(bowl(w), false, [w]);
        else tf.dispose(taken());
      }
      if (taken !== undefined) expect(taken.graphs).toBe(1);
      taken?.dispose();
      return Array.from(w.dataSync());
    };
    expect(run(true)).toEqual(run(false).map((value) => expect.closeTo(value, 5)));
  });

  it.each([
    [{ lambda: 2 }, /lambda.*got 2.*1-1\/t/s],
    [{ rho: -1 }, /rho.*got -1/s],
    [{ eta: 1 }, /eta.*rho/s],
  ])('refuses %o', (options, message) => {
    expect(() => usam({ ...options, base: sgd })).toThrow(message);
  });
});
