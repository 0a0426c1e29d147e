import { lossOfBatch, type LossFunction, type SharpnessAwareOptimizer } from '@flatmin/core';
import type { SharedSettings } from '@flatmin/core/plugin';
import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { bsam } from './plugin.js';
import type { BsamSpecOptions } from './specOptions.js';

const made: { dispose(): void }[] = [];
afterEach(() => made.splice(0).forEach((each) => each.dispose()));
const own = <T extends { dispose(): void }>(each: T): T => {
  made.push(each);
  return each;
};
const values = (tensor: tf.Tensor): number[] => Array.from(tensor.dataSync());
const base = { use: 'sgd', learningRate: 0.1 };
const still = { use: 'sgd', learningRate: 0 } as const;
/** So many examples that there is no noise in float32. */
const silent = 1e30;

const bowl =
  (w: tf.Variable): LossFunction =>
  () =>
    tf.tidy(() => tf.mul(0.5, tf.sum<tf.Scalar>(tf.square(w))));

/** Where the passes of the next step stand. */
function passes(optimizer: SharpnessAwareOptimizer, w: tf.Variable): number[][] {
  const seen: number[][] = [];
  const loss = (): tf.Scalar => {
    seen.push(values(w));
    return bowl(w)();
  };
  optimizer.minimize(loss, false, [w]);
  return seen;
}

/** The noise of a step: where its first pass stands, with all weights at 0. */
function noise(options: BsamSpecOptions & SharedSettings, size = 2000): number[] {
  const w = tf.variable(tf.zeros([size]));
  const optimizer = bsam(options);
  const [found] = passes(optimizer, w) as [number[]];
  optimizer.dispose();
  w.dispose();
  return found;
}

async function stateOf(optimizer: SharpnessAwareOptimizer, name: string): Promise<number[]> {
  const entries = await optimizer.getWeights();
  made.push(...entries.map(({ tensor }) => tensor));
  return values(entries.find((entry) => entry.name.startsWith(`state/${name}/`))?.tensor as tf.Tensor);
}

describe('bsam', () => {
  it('draws noise of mean 0 and variance 1 / (N s), independent over seeds', () => {
    const [N, s, size, seeds] = [100, 4, 2000, 40];
    const draws = Array.from({ length: seeds }, (_, seed) => noise({ N, sInit: s, seed, base: still }, size));
    const all = draws.flat().map((value) => value * Math.sqrt(N * s));
    const moment = (k: number): number => all.reduce((sum, value) => sum + value ** k, 0) / all.length;
    // Standard errors of the moments of n normal numbers: sqrt(1 / n), sqrt(2 / n), sqrt(15 / n), sqrt(96 / n).
    const within = (variance: number): number => 4 * Math.sqrt(variance / all.length);
    expect(Math.abs(moment(1))).toBeLessThan(within(1));
    expect(Math.abs(moment(2) - 1)).toBeLessThan(within(2));
    expect(Math.abs(moment(3))).toBeLessThan(within(15));
    expect(Math.abs(moment(4) - 3)).toBeLessThan(within(96));
    for (let i = 1; i < seeds; i++) {
      const product = (draws[i] as number[]).reduce(
        (sum, value, j) => sum + value * (draws[0] as number[])[j]! * N * s,
        0,
      );
      expect(Math.abs(product / size)).toBeLessThan(4.5 / Math.sqrt(size));
    }
  });

  it('scales one draw by 1 / sqrt(N s), whatever N and s', () => {
    const unit = noise({ N: 1, sInit: 1, seed: 3, base: still }, 20);
    const size = fc.double({ min: 0.01, max: 1e4, noNaN: true });
    fc.assert(
      fc.property(size, size, (N, s) => {
        const found = noise({ N, sInit: s, seed: 3, base: still }, 20);
        found.forEach((value, i) => expect(value * Math.sqrt(N * s)).toBeCloseTo(unit[i] as number, 4));
      }),
      { numRuns: 20, seed: 6 },
    );
  });

  it('leaves the noise alone where offsets are spread over the layers', () => {
    const options = { N: 100, seed: 3, base: still };
    expect(noise({ ...options, layerScales: 'spectral' } as typeof options, 20)).toEqual(noise(options, 20));
  });

  it('draws others in each step and part, and the same for the same seed', () => {
    const w = own(tf.variable(tf.zeros([5])));
    const run = (): number[][] => {
      const optimizer = own(bsam({ N: 10, seed: 1, beta2: 0, damping: 1, priorPrecision: 0, base: still }));
      return [passes(optimizer, w)[0] as number[], passes(optimizer, w)[0] as number[]];
    };
    const [first, second] = run() as [number[], number[]];
    expect(first).not.toEqual(second);
    expect(run()).toEqual([first, second]);
    const x = own(tf.zeros([4, 5]));
    const seen: number[][] = [];
    const perExample = (rows: tf.Tensor): tf.Tensor1D => {
      seen.push(values(w));
      return tf.sum(tf.square(tf.add(rows, w)), 1);
    };
    const parted = own(bsam({ N: 10, seed: 1, microBatches: 2, base: still }));
    parted.minimize(lossOfBatch(perExample, x, x), false, [w]);
    const noisy = seen.filter((_, i) => i % 2 === 0).slice(-2);
    expect(noisy[0]).not.toEqual(noisy[1]);
  });

  it('climbs from the mean, along the gradient of the noisy point', () => {
    // The gradient of 1/2 w^2 at the noisy point is that point: the second pass is at w + rho noisy / s.
    const w = own(tf.variable(tf.tensor1d([3, -2, 1])));
    const [noisy, moved] = passes(own(bsam({ N: 5, rho: 0.7, sInit: 2, base })), w) as [number[], number[]];
    [3, -2, 1].forEach((value, i) => {
      expect(noisy[i]).not.toBeCloseTo(value, 3);
      expect(moved[i]).toBeCloseTo(value + (0.7 * (noisy[i] as number)) / 2, 5);
    });
  });

  it('moves mean and s by the moments of its gradients, exactly', async () => {
    // N = 5, s = 2, damping 0.3, delta = 1.5 / 5 = 0.3, beta1 0.8, beta2 0.6: with g and ghat as seen in the passes.
    const w = own(tf.variable(tf.tensor1d([3, -2, 1])));
    const options = { N: 5, rho: 0.7, sInit: 2, damping: 0.3, priorPrecision: 1.5, beta1: 0.8, beta2: 0.6 };
    const optimizer = own(bsam({ ...options, base }));
    const [g, ghat] = passes(optimizer, w) as [number[], number[]];
    const [gm, s] = [await stateOf(optimizer, 'gm'), await stateOf(optimizer, 's')];
    [3, -2, 1].forEach((value, i) => {
      const momentum = 0.2 * ((ghat[i] as number) + 0.3 * value);
      expect(gm[i]).toBeCloseTo(momentum, 5);
      expect(values(w)[i]).toBeCloseTo(value - (0.1 * momentum) / 2, 5);
      expect(s[i]).toBeCloseTo(0.6 * 2 + 0.4 * (Math.SQRT2 * Math.abs(g[i] as number) + 0.6), 5);
    });
  });

  it('averages sizes over parts, in which gradients do not cancel', async () => {
    // Two halves pull w = 0 by 3 and -3: the batch as a whole has no gradient, s grows by 3 all the same.
    const w = own(tf.variable(tf.zeros([1])));
    const x = own(tf.tensor2d([[3], [-3]]));
    const perExample = (rows: tf.Tensor): tf.Tensor1D => tf.reshape(tf.mul(rows, w), [-1]);
    const grown = async (microBatches: number): Promise<number> => {
      const optimizer = own(bsam({ N: silent, beta2: 0.5, damping: 0, microBatches, base: still }));
      optimizer.minimize(lossOfBatch(perExample, x, x), false, [w]);
      return (await stateOf(optimizer, 's'))[0] as number;
    };
    expect(await grown(1)).toBeCloseTo(0.5, 6);
    expect(await grown(2)).toBeCloseTo(0.5 + 0.5 * 3, 6);
  });

  it('is pulled to zero by the prior alone, where there is no gradient', () => {
    // delta = 20 / 100: gm = 0.1 0.2 w, s = 1: w shrinks by 0.1 0.02.
    const w = own(tf.variable(tf.tensor1d([5, -5])));
    const flat = (): tf.Scalar => tf.tidy(() => tf.mul(0, tf.sum<tf.Scalar>(w)));
    own(bsam({ N: 100, priorPrecision: 20, base })).minimize(flat, false, [w]);
    expect(values(w)).toEqual([expect.closeTo(5 * 0.998, 5), expect.closeTo(-5 * 0.998, 5)]);
  });

  it('needs to know how many examples there are', () => {
    expect(() => bsam({ base } as unknown as Parameters<typeof bsam>[0])).toThrow(/N: .*training examples/s);
  });
});
