import { Bowl } from '@flatmin/conformance';
import { createContainer } from '@flatmin/core';
import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { letsPlugin } from '@flatmin/lets';
import { leSam, leSamPlugin } from './plugin.js';

const { own, step, loss: bowl, dispose } = new Bowl();
afterEach(dispose);
/** At learning rate 1 the step is the final gradient. */
const sgd = { use: 'sgd', learningRate: 1 };

const dot = (a: number[], b: number[]): number => a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);
const coordinate = fc.double({ min: 0.1, max: 5, noNaN: true });

describe('le-sam', () => {
  it('climbs so far that the loss rises by sigma, to first order, unless the cap binds', () => {
    const sigmas = fc.double({ min: 0.01, max: 3, noNaN: true });
    fc.assert(
      fc.property(
        coordinate,
        coordinate,
        sigmas,
        fc.double({ min: 0.1, max: 2, noNaN: true }),
        (a, b, sigma, rhoMax) => {
          const optimizer = own(leSam({ sigma, rhoMax, base: sgd }));
          const { clean, offset, perturbed, taken } = step(optimizer, [a, -b]);
          const rho = Math.min(sigma / Math.hypot(...clean), rhoMax);
          expect(Math.hypot(...offset)).toBeCloseTo(rho, 4);
          expect(optimizer.lastStep.radius).toBeCloseTo(rho, 4);
          const { capped } = optimizer.lastStep;
          if (capped === 0) expect(dot(clean, offset)).toBeCloseTo(sigma, 3);
          else expect(dot(clean, offset)).toBeLessThan(sigma * (1 + 1e-4));
          taken.forEach((value, i) => expect(value).toBeCloseTo(perturbed[i] as number, 4));
        },
      ),
      { numRuns: 40, seed: 3 },
    );
  });

  it('has a larger radius the shorter the gradient, as SAM does not', () => {
    const scheduleAt = (w: number[]): number => {
      const optimizer = own(leSam({ sigma: 0.1, rhoMax: 1, base: sgd }));
      step(optimizer, w);
      return optimizer.lastStep.radius as number;
    };
    expect(scheduleAt([1, 0])).toBeCloseTo(0.1, 6);
    expect(scheduleAt([0.25, 0])).toBeCloseTo(0.4, 6);
    expect(scheduleAt([0.05, 0])).toBeCloseTo(1, 6);
  });

  it('lets sigma follow a schedule, and be read and set as the radius of the optimizer', () => {
    const optimizer = own(leSam({ sigma: { schedule: 'cosine', from: 0.4, to: 0, steps: 3 }, rhoMax: 9, base: sgd }));
    const seen = [0, 1, 2].map(() => {
      step(optimizer, [1, 0]);
      return optimizer.lastStep.radius;
    });
    expect(seen).toEqual([expect.closeTo(0.4, 6), expect.closeTo(0.2, 6), expect.closeTo(0, 6)]);
    optimizer.radius = 0.3;
    step(optimizer, [2, 0]);
    expect(optimizer.lastStep.radius).toBeCloseTo(0.15, 6);
  });

  it('has its sigma learned by LETS below the cap, and left alone at it', () => {
    const container = createContainer({ plugins: [leSamPlugin, letsPlugin] });
    const learned = (rhoMax: number): number => {
      const w = own(tf.variable(tf.tensor1d([3, 2])));
      const validationLoss = (): tf.Scalar => tf.sum<tf.Scalar>(tf.square(tf.sub(w, [1, 0.5])));
      const inner = { use: 'le-sam', sigma: 0.5, rhoMax };
      const spec = { use: 'lets', preset: 'robust', inner, base: { use: 'sgd', learningRate: 0.1 } };
      const optimizer = own(container.createOptimizer(spec, { validationLoss }));
      expect(optimizer.radius).toBe(0.5);
      optimizer.minimize(bowl(w), false, [w]);
      return optimizer.radius;
    };
    // g = (3, 4): the cap binds where it is below 0.5 / 5.
    expect(learned(1)).not.toBe(0.5);
    expect(learned(0.05)).toBe(0.5);
  });

  it.each([
    [{ rhoMax: 1 }, /sigma/],
    [{ sigma: 0.1 }, /rhoMax/],
    [{ sigma: -1, rhoMax: 1 }, /sigma.*got -1/s],
    [{ sigma: 0.1, rhoMax: 1, epsilon: 0 }, /epsilon/],
  ])('refuses %o', (options, message) => {
    expect(() => leSam({ ...options, base: sgd } as Parameters<typeof leSam>[0])).toThrow(message);
  });
});
