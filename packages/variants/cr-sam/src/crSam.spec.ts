import { Bowl } from '@flatmin/conformance';
import { type Ascent, derivativeOf, type Step, type WeightVector } from '@flatmin/core/plugin';
import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { crSamVariant } from './crSam.js';
import { crSam } from './plugin.js';

const { own, step, dispose } = new Bowl();
afterEach(dispose);
const values = (tensor: tf.Tensor): number[] => Array.from(tensor.dataSync());
/** At learning rate 1 the step is the final gradient. */
const sgd = { use: 'sgd', learningRate: 1 };

const coordinate = fc.double({ min: 0.1, max: 3, noNaN: true });
const share = fc.integer({ min: 0, max: 100 }).map((hundredths) => hundredths / 100);
const runs = { numRuns: 25, seed: 1 };

/** The final gradient on sum w^4 / 4, and those it is made of, in float64. */
function onQuartic(w: readonly number[], rho: number, options: { gamma: number; beta: number }) {
  const gradientAt = (at: readonly number[]): number[] => at.map((value) => value ** 3);
  const g = gradientAt(w);
  const offset = g.map((value) => (rho * value) / Math.hypot(...g));
  const gp = gradientAt(w.map((value, i) => value + (offset[i] as number)));
  const gm = gradientAt(w.map((value, i) => value - (offset[i] as number)));
  const variable = own(tf.variable(tf.tensor1d([...w])));
  const optimizer = own(crSam({ rho, ...options, base: sgd }));
  optimizer.minimize(() => tf.div<tf.Scalar>(tf.sum(tf.pow(variable, 4)), 4), false, [variable]);
  const after = values(variable);
  return { g, gp, gm, taken: w.map((value, i) => value - (after[i] as number)) };
}

describe('cr-sam', () => {
  it('adds gamma times the second difference of the gradients, and beta times the first', () => {
    fc.assert(
      fc.property(coordinate, coordinate, share, share, (a, b, gamma, beta) => {
        const { g, gp, gm, taken } = onQuartic([a, -b], 0.4, { gamma, beta });
        const size = Math.hypot(...gp);
        taken.forEach((value, i) => {
          const [clean, ahead, behind] = [g[i] as number, gp[i] as number, gm[i] as number];
          const expected = ahead + gamma * (ahead + behind - 2 * clean) + beta * (ahead - behind);
          expect(Math.abs(value - expected)).toBeLessThan(1e-5 * (1 + size));
        });
      }),
      runs,
    );
  });

  it('has no curvature term where the curvature is constant, whatever gamma', () => {
    fc.assert(
      fc.property(coordinate, coordinate, share, share, (a, b, gamma, beta) => {
        const { clean, perturbed, taken } = step(own(crSam({ rho: 0.5, gamma, beta, base: sgd })), [a, -b]);
        taken.forEach((value, i) => {
          const moved = (perturbed[i] as number) - (clean[i] as number);
          expect(Math.abs(value - ((clean[i] as number) + (1 + 2 * beta) * moved))).toBeLessThan(2e-5);
        });
      }),
      runs,
    );
  });

  it('is the base, bit for bit, where all three gradients are equal', () => {
    // The sum by coefficients would round: in float32 1.3 g + 0.1 g - 0.4 g is not always g.
    fc.assert(
      fc.property(coordinate, share, share, (slope, gamma, beta) => {
        const w = own(tf.variable(tf.tensor1d([0, 0])));
        const along = own(tf.tensor1d([slope, -slope / 3]));
        const optimizer = own(crSam({ rho: 0.3, gamma, beta, base: sgd }));
        optimizer.minimize(() => tf.sum<tf.Scalar>(tf.mul(along, w)), false, [w]);
        expect(values(w).map((value) => -value)).toEqual(values(along));
      }),
      runs,
    );
  });

  it('tells LETS how rho moves both gradients', () => {
    const [start, options] = [[1.5, -1], { gamma: 0.5, beta: 0.2 }];
    tf.tidy(() => {
      const at = (offset?: WeightVector): tf.Tensor => tf.add(start, offset?.[0] ?? 0);
      const evaluate: Step<unknown>['evaluate'] = (point) => ({
        loss: tf.scalar(0),
        gradient: [tf.pow(at(point?.offset), 3)],
      });
      const step = { evaluate, radius: tf.scalar(0.4), state: {} } as Partial<Step<unknown>> as Step<unknown>;
      const ascent = crSamVariant(options).estimate(step).ascent as Ascent;
      // The Hessian of sum w^4 / 4 is 3 w^2.
      const [derivative] = derivativeOf(ascent, ({ direction: [d] }) => [
        tf.mul(tf.mul(3, tf.square(at([tf.mul(d as tf.Tensor, 0.4)]))), d as tf.Tensor),
      ]);
      // And each point has the gradients of its own side.
      const [secant] = derivativeOf(ascent, ({ perturbed, clean }) => [tf.sub(perturbed[0]!, clean[0]!)]);
      const { g, gp, gm } = onQuartic(start, 0.4, options);
      const both = g.map((clean, i) => 1.7 * (gp[i]! - clean) + 0.3 * (gm[i]! - clean));
      expect(values(secant as tf.Tensor)).toEqual(both.map((value) => expect.closeTo(value, 4)));
      const final = (rho: number): number[] => {
        const { g, gp, gm } = onQuartic(start, rho, options);
        return gp.map((ahead, i) => 1.7 * ahead + 0.3 * (gm[i] as number) - (g[i] as number));
      };
      const [beyond, before] = [final(0.401), final(0.399)];
      const expected = beyond.map((value, i) => expect.closeTo((value - (before[i] as number)) / 0.002, 3));
      expect(values(derivative as tf.Tensor)).toEqual(expected);
    });
  });

  it.each([
    [{ gamma: Number.NaN }, /gamma/],
    [{ beta: -1 }, /beta.*got -1/s],
    [{ alpha: 1 }, /alpha.*rho, gamma/s],
  ])('refuses %o', (options, message) => {
    expect(() => crSam({ ...options, base: sgd })).toThrow(message);
  });
});
