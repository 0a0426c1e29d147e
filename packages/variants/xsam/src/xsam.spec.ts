import { Bowl } from '@flatmin/conformance';
import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { lets } from '@flatmin/lets';
import { Plane } from './plane.js';
import { xsam } from './plugin.js';
import { gridOf } from './search.js';

const { own, step, loss: bowl, dispose } = new Bowl();
afterEach(dispose);
const values = (tensor: tf.Tensor): number[] => Array.from(tensor.dataSync());
/** At learning rate 1 the step is the final gradient. */
const sgd = { use: 'sgd', learningRate: 1 } as const;

const coordinate = fc.double({ min: 0.1, max: 5, noNaN: true });
const runs = { numRuns: 25, seed: 1 };

const direction = ([a = 0, b = 0]: readonly number[]): number => Math.atan2(b, a);
/** In a plane d(alpha) is v0 turned by alpha times the angle to v1, whatever the sines say. */
const turned = (v0: readonly number[], v1: readonly number[], alpha: number): number[] => {
  const at = direction(v0) + alpha * (direction(v1) - direction(v0));
  return [Math.cos(at), Math.sin(at)];
};
const lossAt = ([a = 0, b = 0]: readonly number[]): number => 0.5 * (a * a + 2 * b * b);

describe('xsam', () => {
  it('turns by alpha times the angle from the ascent to the gradient there, and keeps the length of that', () => {
    fc.assert(
      fc.property(
        coordinate,
        coordinate,
        fc.integer({ min: 0, max: 30 }).map((tenths) => tenths / 10),
        (a, b, alpha) => {
          const optimizer = own(xsam({ rho: 0.5, alpha, base: sgd }));
          const { offset, perturbed, taken } = step(optimizer, [a, b]);
          const expected = turned(offset, perturbed, alpha).map((value) => value * Math.hypot(...perturbed));
          taken.forEach((value, i) =>
            expect(Math.abs(value - (expected[i] as number))).toBeLessThan(1e-4 * (1 + a + b)),
          );
          expect(Math.hypot(...offset)).toBeCloseTo(0.5, 4);
          expect(optimizer.lastStep['alpha']).toBeCloseTo(alpha, 5);
        },
      ),
      runs,
    );
  });

  it('climbs as far as groups say, and searches where it would search anyway', () => {
    const options = { rhoMax: 2, alphaMax: 8, alphaDelta: 0.25, searchEvery: 3, base: sgd };
    const twice = own(xsam({ ...options, rho: 0.5, groups: [{ rho: 2 }] }));
    const whole = own(xsam({ ...options, rho: 1 }));
    const [a, b] = [step(twice, [3, 2]), step(whole, [3, 2])];
    a.taken.forEach((value, i) => expect(value).toBeCloseTo(b.taken[i] as number, 5));
    expect(twice.lastStep['alpha']).toBe(whole.lastStep['alpha']);
    expect(twice.lastStep.perturbationNorm).toBeCloseTo(1, 5);
  });

  it('shares rho among its ascents', () => {
    const [at, once] = [
      [3, 2],
      (w: number[], by: number) => {
        const g = [w[0] as number, 2 * (w[1] as number)];
        return g.map((value) => (by * value) / Math.hypot(...g));
      },
    ] as const;
    const first = once([...at], 0.3);
    const second = once(
      at.map((value, i) => value + (first[i] as number)),
      0.3,
    );
    const offset = first.map((value, i) => value + (second[i] as number));
    const perturbed = [at[0] + (offset[0] as number), 2 * (at[1] + (offset[1] as number))];
    const { taken } = step(own(xsam({ rho: 0.6, ascentSteps: 2, alpha: 1.5, base: sgd })), [...at]);
    const expected = turned(offset, perturbed, 1.5).map((value) => value * Math.hypot(...perturbed));
    expect(taken).toEqual(expected.map((value) => expect.closeTo(value, 4)));
  });

  it('searches for the alpha of the largest loss, on steps whose index is a multiple of searchEvery', () => {
    const options = { rho: 0.5, rhoMax: 2, alphaMax: 8, alphaDelta: 0.25, searchEvery: 3 };
    const optimizer = own(xsam({ ...options, base: sgd }));
    let kept = 0;
    [
      [3, 2],
      [1, 2],
      [2, 1],
      [1, 3],
      [3, 1],
    ].forEach((w, t) => {
      const { offset, perturbed } = step(optimizer, w);
      if (t % 3 === 0) {
        const losses = gridOf(options).map((alpha) =>
          lossAt(turned(offset, perturbed, alpha).map((value, i) => 2 * value + (w[i] as number))),
        );
        kept = losses.indexOf(Math.max(...losses)) * 0.25;
        expect(kept).toBeGreaterThan(1);
      }
      const { alpha, forwardEvaluations, gradientEvaluations } = optimizer.lastStep;
      expect(alpha).toBeCloseTo(kept, 6);
      expect([forwardEvaluations, gradientEvaluations]).toEqual([t % 3 === 0 ? 33 : 0, 2]);
    });
  });

  it('takes the first of equal losses, and the given alpha until a search', () => {
    const w = own(tf.variable(tf.tensor1d([3, 2])));
    const bounded = (): tf.Scalar => tf.minimum(bowl(w)(), 12);
    const base = { use: 'sgd', learningRate: 0 } as const;
    const optimizer = own(xsam({ alpha: 1.5, rhoMax: 1, searchEvery: 2, start: 1, base }));
    const alphas = Array.from({ length: 3 }, () => {
      optimizer.minimize(bounded, false, [w]);
      return optimizer.lastStep['alpha'];
    });
    // Step 0 is the base's, step 1 does not search, and step 2 sees 12 wherever it looks: 14 without the bound.
    expect(alphas).toEqual([undefined, 1.5, 0]);
  });

  it('clamps the cosine of parallel vectors, and takes the limit of what it cannot see', () => {
    fc.assert(
      fc.property(fc.array(coordinate, { minLength: 7, maxLength: 7 }), (start) => {
        const w = own(tf.variable(tf.tensor1d(start)));
        const optimizer = own(xsam({ rho: 0.5, alpha: 1.5, base: sgd }));
        optimizer.minimize(() => tf.mul<tf.Scalar>(0.5, tf.sum(tf.square(w))), false, [w]);
        // ghat = w (1 + 0.5 / ||w||), and so is the step.
        const beyond = 0.5 / Math.hypot(...start);
        values(w).forEach((value, i) => expect(Math.abs(value + (start[i] as number) * beyond)).toBeLessThan(2e-5));
      }),
      { numRuns: 100, seed: 1 },
    );
  });

  it('leaves nothing of opposite vectors but their mean, 0', () => {
    const variant = tf.tidy(() => {
      const plane = new Plane([tf.tensor1d([3, 4])], [tf.tensor1d([-6, -8])]);
      return [0.5, 1.5].map((alpha) => values(plane.turned(alpha)[0] as tf.Tensor));
    });
    for (const step of variant) expect(step).toEqual([expect.closeTo(0, 4), expect.closeTo(0, 4)]);
  });

  it('turns from the offset that was taken, where layerScales makes it another', () => {
    // sqrt(fan out / fan in) is sqrt(2) of the one and sqrt(1 / 2) of the other: v0 has twice as much of the one.
    const [kernel, column] = [own(tf.variable(tf.tensor1d([3, 2]))), own(tf.variable(tf.tensor2d([[5], [1]])))];
    const before = [kernel, column].map(values);
    const optimizer = own(xsam({ rho: 0.5, alpha: 0, layerScales: 'spectral', base: sgd }));
    const loss = (): tf.Scalar => tf.add(bowl(kernel)(), tf.mul(0.5, tf.sum(tf.square(column))));
    optimizer.minimize(loss, false, [kernel, column]);
    const lengths = [kernel, column].map((variable, i) =>
      Math.hypot(...values(variable).map((value, j) => value - (before[i]?.[j] as number))),
    );
    expect((lengths[0] as number) / (lengths[1] as number)).toBeCloseTo(2, 4);
  });

  it('has a grid that ends at alphaMax, as rounding may have it', () => {
    const grid = (alphaMax: number, alphaDelta: number) => gridOf({ alphaMax, alphaDelta });
    expect(grid(2, 0.1)).toHaveLength(21);
    expect(grid(2, 0.1).at(-1)).toBeCloseTo(2, 10);
    expect(grid(2, 0.25)).toHaveLength(9);
    expect(grid(0.3, 0.1).at(-1)).toBeCloseTo(0.3, 10);
    expect(grid(1, 0.4)).toEqual([0, 0.4, 0.8]);
  });

  it('has no radius that LETS, or anything else, could set', () => {
    const inner = own(xsam({ base: sgd }));
    expect(() => lets(inner, { validationLoss: () => tf.scalar(0) })).toThrow(/xsam/);
    const alone = own(xsam({ base: sgd }));
    expect(() => (alone.radius = 0.1)).toThrow(/xsam/);
    const w = own(tf.variable(tf.tensor1d([3, 2])));
    alone.minimize(bowl(w), false, [w]);
    expect(alone.lastStep.radius).toBeCloseTo(0.15, 6);
  });

  it.each([
    [{ alpha: Number.NaN }, /alpha/],
    [{ searchEvery: 1.5 }, /searchEvery.*got 1\.5/s],
    [{ gamma: 1 }, /gamma.*rho/s],
  ])('refuses %o', (options, message) => {
    expect(() => xsam({ ...options, base: sgd } as Parameters<typeof xsam>[0])).toThrow(message);
  });
});
