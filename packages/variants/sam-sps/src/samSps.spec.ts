import { Bowl } from '@flatmin/conformance';
import { type Ascent, derivativeOf, type Step } from '@flatmin/core/plugin';
import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { samSps } from './plugin.js';
import { samSpsVariant } from './samSps.js';

const { own, step, loss: bowl, dispose } = new Bowl();
afterEach(dispose);
const values = (tensor: tf.Tensor): number[] => Array.from(tensor.dataSync());
/** At learning rate 1 the step is the final gradient. */
const sgd = { use: 'sgd', learningRate: 1 } as const;

const coordinate = fc.double({ min: 0.1, max: 5, noNaN: true });
const share = fc.integer({ min: 0, max: 100 }).map((hundredths) => hundredths / 100);
const runs = { numRuns: 25, seed: 1 };

const lossAt = ([a = 0, b = 0]: readonly number[]): number => 0.5 * (a * a + 2 * b * b);
const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);

/** A step by hand, without an engine, on sum w^4 / 4. */
function bareStep(rho: number): Step<unknown> {
  const evaluate: Step<unknown>['evaluate'] = (point) => {
    const at = tf.add([1.5, -1], point?.offset?.[0] ?? 0);
    return { loss: tf.div<tf.Scalar>(tf.sum(tf.pow(at, 4)), 4), gradient: [tf.pow(at, 3)] };
  };
  return { evaluate, radius: tf.scalar(rho), state: {} } as Partial<Step<unknown>> as Step<unknown>;
}

describe('sam-sps', () => {
  it('steps by what the perturbed loss is above its bound, less what the offset added to first order', () => {
    fc.assert(
      fc.property(coordinate, coordinate, share, share, fc.boolean(), (a, b, lambda, gammaMax, isSpread) => {
        const w = [a, -b];
        const scaling = isSpread ? { layerScales: 'spectral' as const } : {};
        const options = { rho: 0.3, lambda, lowerBound: 0.5, gammaMax: 0.01 + gammaMax, ...scaling };
        const optimizer = own(samSps({ ...options, base: sgd }));
        const { clean, offset, perturbed, taken } = step(optimizer, w);
        // Of a variable [2], fan out is 2 and fan in 1.
        const factor = 0.3 * (isSpread ? Math.SQRT2 : 1) * (1 - lambda + lambda / Math.hypot(...clean));
        offset.forEach((value, i) => expect(value).toBeCloseTo(factor * (clean[i] as number), 4));
        const perturbedLoss = lossAt(w.map((value, i) => value + (offset[i] as number)));
        const excess = Math.max(0, perturbedLoss - 0.5 - dot(perturbed, offset));
        const wanted = excess / dot(perturbed, perturbed);
        const stepSize = Math.min(wanted, options.gammaMax);
        taken.forEach((value, i) => expect(value).toBeCloseTo(stepSize * (perturbed[i] as number), 3));
        expect(optimizer.lastStep['stepSize']).toBeCloseTo(stepSize, 4);
        expect(optimizer.lastStep['perturbedLoss']).toBeCloseTo(perturbedLoss, 3);
        fc.pre(Math.abs(wanted - options.gammaMax) > 1e-3);
        expect(optimizer.lastStep['capped']).toBe(Number(wanted > options.gammaMax));
      }),
      runs,
    );
  });

  it('is SPS for SGD at rho 0, which on a bowl of one curvature goes half way', () => {
    const w = own(tf.variable(tf.tensor1d([3, 4])));
    const optimizer = own(samSps({ rho: 0, base: sgd }));
    optimizer.minimize(() => tf.mul<tf.Scalar>(0.5, tf.sum(tf.square(w))), false, [w]);
    expect(values(w)).toEqual([expect.closeTo(1.5, 5), expect.closeTo(2, 5)]);
    expect(optimizer.lastStep['stepSize']).toBeCloseTo(0.5, 6);
  });

  it('stalls where the bound is above the loss, and says so', () => {
    const optimizer = own(samSps({ rho: 0.1, lowerBound: 100, base: sgd }));
    expect(step(optimizer, [3, 2]).taken).toEqual([0, 0]);
    expect(optimizer.lastStep['stepSize']).toBe(0);
  });

  it('is multiplied by the learning rate that the base has', () => {
    const taken = (learningRate: number): number[] => {
      const w = own(tf.variable(tf.tensor1d([3, 2])));
      own(samSps({ rho: 0.1, base: { use: 'sgd', learningRate } })).minimize(bowl(w), false, [w]);
      return values(w).map((value, i) => ([3, 2][i] as number) - value);
    };
    const whole = taken(1);
    expect(taken(0.25)).toEqual(whole.map((value) => expect.closeTo(0.25 * value, 5)));
  });

  it.each([
    ['between its bounds', { lambda: 1, lowerBound: 0.3, gammaMax: 1 }],
    ['with another lambda', { lambda: 0.25, lowerBound: 0.3, gammaMax: 1 }],
    ['at gammaMax', { lambda: 1, lowerBound: 0.3, gammaMax: 0.05 }],
    ['at 0', { lambda: 1, lowerBound: 50, gammaMax: 1 }],
  ])('tells LETS the derivative of the whole step by rho, its size %s', (_, settings) => {
    tf.tidy(() => {
      const variant = samSpsVariant(settings);
      const [before, at, beyond] = [0.18, 0.2, 0.22].map((rho) => variant.estimate(bareStep(rho)));
      // The Hessian of sum w^4 / 4 is 3 w^2.
      const [derivative] = derivativeOf(at?.ascent as Ascent, ({ direction: [d] }) => {
        const w = tf.add([1.5, -1], tf.mul(d as tf.Tensor, 0.2));
        return [tf.mul(tf.mul(3, tf.square(w)), d as tf.Tensor)];
      });
      const change = tf.div(tf.sub(beyond?.gradient?.[0] as tf.Tensor, before?.gradient?.[0] as tf.Tensor), 0.04);
      expect(values(derivative as tf.Tensor)).toEqual(values(change).map((value) => expect.closeTo(value, 2)));
    });
  });

  it.each([
    [{ lowerBound: Number.NaN }, /lowerBound/],
    [{ gammaMax: -1 }, /gammaMax.*got -1/s],
    [{ fStar: 0 }, /fStar.*lowerBound/s],
  ])('refuses %o', (options, message) => {
    expect(() => samSps({ ...options, base: sgd } as Parameters<typeof samSps>[0])).toThrow(message);
  });
});
