import { asam } from '@flatmin/asam';
import { createContainer, type SharpnessAwareOptimizer } from '@flatmin/core';
import letsPlugin from '@flatmin/lets';
import { sam, samPlugin } from '@flatmin/sam';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { aeSam, aeSamPlugin } from './plugin.js';

const made: { dispose(): void }[] = [];
afterEach(() => made.splice(0).forEach((each) => each.dispose()));
const own = <T extends { dispose(): void }>(each: T): T => {
  made.push(each);
  return each;
};
const sgd = { use: 'sgd', learningRate: 0.1 };

interface Taken {
  readonly branch: string;
  readonly squaredNorm: number;
  readonly threshold: number;
}

/** One step per slope: the loss slope * w has the squared gradient norm slope^2, wherever w is. */
function run(optimizer: SharpnessAwareOptimizer, slopes: readonly number[]): Taken[] {
  const w = tf.variable(tf.tensor2d([[0.5]]));
  const taken = slopes.map((slope) => {
    optimizer.minimize(() => tf.tidy(() => tf.mul(slope, tf.sum<tf.Scalar>(w))), false, [w]);
    const { branch, squaredNorm, threshold } = optimizer.lastStep;
    return { branch, squaredNorm, threshold } as unknown as Taken;
  });
  w.dispose();
  optimizer.dispose();
  return taken;
}
const branches = (taken: readonly Taken[]): string => taken.map(({ branch }) => branch[0]).join('');

describe('ae-sam', () => {
  it('moves mean, then variance, then compares, as worked out by hand', () => {
    // delta 0.5 from mu = 0, var = 8, T = 4, c from 2 to -2.
    // Slope 2: ||g||^2 = 4, mu = 2, var = 4 + (4 - 2)^2 / 2 = 6, c = 2: 2 + 2 sqrt(6) = 6.898979, above 4.
    // Slope 4: ||g||^2 = 16, mu = 9, var = 3 + 7^2 / 2 = 27.5, c = 1: 9 + sqrt(27.5) = 14.244044, below 16.
    // Slope 3: ||g||^2 = 9, mu = 9, var = 13.75, c = 0: 9, not above 9, which is enough.
    const settings = { delta: 0.5, mu0: 0, var0: 8, lambda1: -2, lambda2: 2, totalSteps: 4 };
    const taken = run(aeSam(sam({ base: sgd }), settings), [2, 4, 3]);
    expect(taken).toEqual([
      { branch: 'base', squaredNorm: 4, threshold: expect.closeTo(2 + 2 * Math.sqrt(6), 5) },
      { branch: 'sam', squaredNorm: 16, threshold: expect.closeTo(9 + Math.sqrt(27.5), 5) },
      { branch: 'sam', squaredNorm: 9, threshold: 9 },
    ]);
  });

  it('follows the recurrence for any gradients', () => {
    const slope = fc.double({ min: 0.1, max: 5, noNaN: true });
    const share = fc.double({ min: 0, max: 0.99, noNaN: true });
    fc.assert(
      fc.property(fc.array(slope, { minLength: 1, maxLength: 8 }), share, (slopes, delta) => {
        const taken = run(aeSam(sam({ base: sgd }), { delta, totalSteps: 8 }), slopes);
        let [mu, variance] = [0, Math.exp(-10)];
        taken.forEach(({ branch, squaredNorm, threshold }, t) => {
          const s = (slopes[t] as number) ** 2;
          mu = delta * mu + (1 - delta) * s;
          variance = delta * variance + (1 - delta) * (s - mu) ** 2;
          const expected = mu + (1 - t / 4) * Math.sqrt(variance);
          expect(Math.abs(squaredNorm / s - 1)).toBeLessThan(1e-5);
          expect(Math.abs(threshold - expected)).toBeLessThan(1e-4 * (1 + Math.abs(expected)));
          expect(branch).toBe(squaredNorm >= threshold ? 'sam' : 'base');
        });
      }),
      { numRuns: 25, seed: 8 },
    );
  });

  it('perturbs always below any threshold and never above, over any variant', () => {
    for (const inner of [() => sam({ base: sgd }), () => asam({ base: sgd })]) {
      expect(branches(run(aeSam(inner(), { lambda1: -1e9, lambda2: -1e9, totalSteps: 3 }), [1, 2, 1]))).toBe('sss');
      expect(branches(run(aeSam(inner(), { lambda1: 1e9, lambda2: 1e9, totalSteps: 3 }), [1, 2, 1]))).toBe('bbb');
    }
  });

  it('keeps lambda1 beyond the last step', () => {
    const settings = { lambda1: -1, lambda2: 1e9, totalSteps: 2 };
    expect(branches(run(aeSam(sam({ base: sgd }), settings), [1, 1, 1, 1]))).toBe('bbss');
  });

  it('takes the number of steps from its option, else from the context, and says when both lack', () => {
    const container = createContainer({ plugins: [samPlugin, aeSamPlugin, letsPlugin] });
    const spec = { use: 'ae-sam', lambda1: -1, lambda2: 1e9, base: sgd };
    expect(branches(run(container.createOptimizer(spec, { totalSteps: 3 }), [1, 1, 1, 1]))).toBe('bbbs');
    const given = { ...spec, totalSteps: 1 };
    expect(branches(run(container.createOptimizer(given, { totalSteps: 3 }), [1, 1, 1, 1]))).toBe('bsss');
    expect(() => container.createOptimizer(spec)).toThrow(expect.objectContaining({ code: 'TOTAL_STEPS_MISSING' }));
    expect(() => aeSam(own(sam({ base: sgd })))).toThrow(/ae-sam needs the number of steps/);
  });

  it('reads back one value a step', () => {
    const w = own(tf.variable(tf.tensor2d([[0.5]])));
    const optimizer = own(aeSam(sam({ base: sgd }), { totalSteps: 4 }));
    const reads = jest.spyOn(tf.Tensor.prototype, 'dataSync');
    for (let i = 0; i < 4; i++) optimizer.minimize(() => tf.sum<tf.Scalar>(tf.square(w)), false, [w]);
    expect(reads.mock.contexts.map((tensor) => (tensor as tf.Tensor).size)).toEqual([1, 1, 1, 1]);
    reads.mockRestore();
  });

  it.each([
    [{ delta: 1 }, /delta.*got 1/s],
    [{ var0: -1 }, /var0/],
    [{ lambda1: Number.NaN }, /lambda1/],
    [{ totalSteps: 0 }, /totalSteps/],
  ])('refuses %o', (options, message) => {
    const inner = createContainer({ plugins: [samPlugin, aeSamPlugin] });
    expect(() => inner.createOptimizer({ use: 'ae-sam', ...options, base: sgd }, { totalSteps: 4 })).toThrow(message);
  });
});
