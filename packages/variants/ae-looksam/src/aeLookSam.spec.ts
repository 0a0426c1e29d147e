import { aeSam, aeSamPlugin } from '@flatmin/ae-sam';
import { createContainer, type SharpnessAwareOptimizer, type Spec, useContainer } from '@flatmin/core';
import { looksam, lookSamPlugin } from '@flatmin/looksam';
import { sam, samPlugin } from '@flatmin/sam';
import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { aeLookSam, aeLookSamPlugin } from './plugin.js';

const sgd = { use: 'sgd', learningRate: 0.1 };
const container = createContainer({ plugins: [samPlugin, aeSamPlugin, lookSamPlugin, aeLookSamPlugin] });

interface Taken {
  readonly branch: string;
  readonly weights: number[];
}

/** Steps on a_t / 2 (w1^2 + 2 w2^2) from (3, 2): the factors a_t say which steps are sharp. */
function run(optimizer: SharpnessAwareOptimizer, factors: readonly number[]): Taken[] {
  const w = tf.variable(tf.tensor2d([[3, 2]]));
  const taken = factors.map((factor) => {
    const loss = (): tf.Scalar => tf.tidy(() => tf.mul(factor / 2, tf.sum<tf.Scalar>(tf.mul(tf.square(w), [[1, 2]]))));
    optimizer.minimize(loss, false, [w]);
    return { branch: String(optimizer.lastStep.branch), weights: Array.from(w.dataSync()) };
  });
  w.dispose();
  optimizer.dispose();
  return taken;
}
const policy = { delta: 0.5, lambda1: 0, lambda2: 0, var0: 0, totalSteps: 9 };

// First, while no container is in use.
describe('ae-looksam in code', () => {
  it('says where its parts come from', () => {
    const inner = sam({ base: sgd });
    expect(() => aeLookSam(inner, policy)).toThrow(
      /"ae-looksam" is composed of "looksam" and "ae-sam".*@flatmin\/looksam and @flatmin\/ae-sam/,
    );
    inner.dispose();
  });

  it('takes them from the container in use', () => {
    useContainer(container);
    const inCode = run(aeLookSam(sam({ rho: 0.5, base: sgd }), policy), [1, 0.1, 2]);
    const fromSpec = run(container.createOptimizer({ use: 'ae-looksam', rho: 0.5, ...policy, base: sgd }), [1, 0.1, 2]);
    expect(inCode).toEqual(fromSpec);
  });
});

describe('ae-looksam', () => {
  it('stores on a sharp step and reuses on a flat one, as worked out by hand', () => {
    // With lambda 0 a step is sharp where ||g||^2 is at least its moving mean: 25 >= 12.5. As worked out for LookSAM,
    // it leaves (2.67, 1.52) and a component of the direction (-0.8, 0.6). Step 1, a tenth of the loss: ||g||^2 = 0.16
    // is below (12.5 + 0.16) / 2, so the base gets g = (0.267, 0.304) and 0.7 ||g|| of that direction.
    const [first, second] = run(
      container.createOptimizer({ use: 'ae-looksam', rho: 0.5, alpha: 0.7, ...policy, base: sgd }),
      [1, 0.1],
    ) as [Taken, Taken];
    const length = 0.7 * Math.hypot(0.267, 0.304);
    expect(first).toEqual({ branch: 'sam', weights: [expect.closeTo(2.67, 5), expect.closeTo(1.52, 5)] });
    expect(second).toEqual({
      branch: 'reuse',
      weights: [
        expect.closeTo(2.67 - 0.1 * (0.267 - 0.8 * length), 5),
        expect.closeTo(1.52 - 0.1 * (0.304 + 0.6 * length), 5),
      ],
    });
  });

  it('is the base until the first sharp step', () => {
    const spec = { use: 'ae-looksam', ...policy, mu0: 1e4, base: sgd };
    const taken = run(container.createOptimizer(spec), [1, 1, 1]);
    expect(taken.map(({ branch }) => branch)).toEqual(['base', 'base', 'base']);
    expect(taken[2]?.weights).toEqual(run(container.createOptimizer(sgd), [1, 1, 1])[2]?.weights);
  });

  it('is LookSAM over AE-SAM, with any options', () => {
    const factors = fc.array(fc.double({ min: 0.1, max: 2, noNaN: true }), { minLength: 2, maxLength: 6 });
    fc.assert(
      fc.property(factors, fc.double({ min: 0, max: 2, noNaN: true }), fc.boolean(), (scales, alpha, layerwise) => {
        const spec = { use: 'ae-looksam', rho: 0.3, alpha, layerwise, ...policy, base: sgd };
        const nested = looksam(aeSam(sam({ rho: 0.3, base: sgd }), policy), { k: 1, alpha, layerwise });
        expect(run(container.createOptimizer(spec), scales)).toEqual(run(nested, scales));
      }),
      { numRuns: 15, seed: 9 },
    );
  });

  it.each([
    [{ delta: 1 }, /delta.*got 1/s],
    [{ alpha: -1 }, /alpha.*got -1/s],
    [{ k: 2 }, /Options of ae-looksam: alpha, layerwise, delta/],
  ])('refuses %o', (options, message) => {
    const spec: Spec = { use: 'ae-looksam', ...options, base: sgd };
    expect(() => container.createOptimizer(spec, { totalSteps: 4 })).toThrow(message);
  });
});
