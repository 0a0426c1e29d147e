import { type LossFunction, lossOfBatch, type SharpnessAwareOptimizer } from '@flatmin/core';
import type { ParameterRole } from '@flatmin/core/plugin';
import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { filterNorm, filterSum } from './filters.js';
import { rwp } from './plugin.js';

const made: { dispose(): void }[] = [];
afterEach(() => made.splice(0).forEach((each) => each.dispose()));
const own = <T extends { dispose(): void }>(each: T): T => (made.push(each), each);
const values = (tensor: tf.Tensor): number[] => Array.from(tensor.dataSync());
const still = { use: 'sgd', learningRate: 0 } as const;

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

describe('rwp', () => {
  it('draws standard normal numbers in units of sigma times the length of the filter', () => {
    // 40 columns of 100 weights, each 0.1 (i + 1): column i is i + 1 long.
    const column = Array.from({ length: 40 }, (_, i) => (i + 1) / 10);
    const w = own(tf.variable(tf.tile(tf.tensor2d([column]), [100, 1]), true, 'moments/kernel'));
    const before = values(w);
    const units = [0, 1, 2, 3, 4].flatMap((seed) => {
      const seen = passes(own(rwp({ sigma: 0.05, seed, base: still })), w);
      return (seen[1] as number[]).map((value, i) => (value - before[i]!) / (0.05 * ((i % 40) + 1)));
    });
    const moment = (k: number): number => units.reduce((sum, value) => sum + value ** k, 0) / units.length;
    const within = (variance: number): number => 4 * Math.sqrt(variance / units.length);
    expect(Math.abs(moment(1))).toBeLessThan(within(1));
    expect(Math.abs(moment(2) - 1)).toBeLessThan(within(2));
    expect(Math.abs(moment(3))).toBeLessThan(within(15));
    expect(Math.abs(moment(4) - 3)).toBeLessThan(within(96));
  });

  it.each<[string, ParameterRole, number[], number[]]>([
    // Twelve numbers 1 to 12 in order; the length of the filter that each of the first weights is in.
    ['a/kernel', 'kernel', [6, 2], [Math.sqrt(286), Math.sqrt(364)]],
    ['a/kernel', 'kernel', [1, 2, 3, 2], [Math.sqrt(286), Math.sqrt(364)]],
    ['a/depthwise_kernel_2', 'kernel', [3, 1, 2, 2], [Math.sqrt(107), Math.sqrt(140), Math.sqrt(179), Math.sqrt(224)]],
    ['a/embeddings', 'embedding', [6, 2], [Math.sqrt(5), Math.sqrt(5), 5]],
    ['a/bias', 'bias', [12], [Math.sqrt(650), Math.sqrt(650)]],
  ])('%s (%s) of shape %j has filters of lengths %j', (name, role, shape, lengths) => {
    tf.tidy(() => {
      const weight = tf.reshape(tf.range(1, 13), shape);
      const length = filterNorm(weight, { name, role, shape });
      const each = values(tf.mul(length, tf.onesLike(weight)));
      expect(each.slice(0, lengths.length)).toEqual(lengths.map((value) => expect.closeTo(value, 4)));
      const sums = values(tf.mul(filterSum(tf.square(weight), { name, role, shape }), tf.onesLike(weight)));
      const squares = shape.length === 1 ? [1, 4] : lengths.map((value) => value ** 2);
      expect(sums.slice(0, squares.length)).toEqual(squares.map((value) => expect.closeTo(value, 3)));
    });
  });

  it('leaves a filter of zeros, and a scalar of zero, where they are', () => {
    const w = own(tf.variable(tf.tensor2d([[1, 0], [2, 0]]), true, 'zeros/kernel')); // prettier-ignore
    const [, noisy] = passes(own(rwp({ sigma: 0.5, base: still })), w);
    expect([noisy?.[1], noisy?.[3]]).toEqual([0, 0]);
    expect(noisy?.[0]).not.toBe(1);
  });

  it('draws others in each step and part, and the same for the same seed', () => {
    const w = own(tf.variable(tf.ones([5])));
    const run = (seed: number): number[][] => {
      const optimizer = own(rwp({ seed, base: still }));
      return [passes(optimizer, w)[1] as number[], passes(optimizer, w)[1] as number[]];
    };
    const [first, second] = run(1) as [number[], number[]];
    expect(first).not.toEqual(second);
    expect(run(1)).toEqual([first, second]);
    expect(run(2)[0]).not.toEqual(first);
    const x = own(tf.zeros([4, 5]));
    const seen: number[][] = [];
    const perExample = (rows: tf.Tensor): tf.Tensor1D => {
      seen.push(values(w));
      return tf.sum(tf.square(tf.add(rows, w)), 1);
    };
    own(rwp({ microBatches: 2, base: still })).minimize(lossOfBatch(perExample, x, x), false, [w]);
    const noisy = seen.filter((at) => at.some((value) => value !== 1));
    expect(noisy).toHaveLength(2);
    expect(noisy[0]).not.toEqual(noisy[1]);
  });

  it('keeps one number of F a filter, which decays by beta and damps the noise', async () => {
    // Far more F than 1: the noise of the second step is 1 / sqrt(eta F) of what it is without.
    const w = own(tf.variable(tf.tensor2d([[300], [400]]), true, 'fisher/kernel'));
    const optimizer = own(rwp({ sigma: 0.1, eta: 2, beta: 0.5, base: still }));
    const plain = own(rwp({ sigma: 0.1, base: still }));
    const squares = (at: number[]): number => at[0]! ** 2 + at[1]! ** 2;
    const [first, firstPlain] = [passes(optimizer, w)[1]!, passes(plain, w)[1]!];
    expect(first).toEqual(firstPlain);
    const [second, secondPlain] = [passes(optimizer, w)[1]!, passes(plain, w)[1]!];
    const share = (second[0]! - 300) / (secondPlain[0]! - 300);
    expect(share).toBeCloseTo(1 / Math.sqrt(1 + 2 * squares(first)), 5);
    const weights = await optimizer.getWeights();
    made.push(...weights.map(({ tensor }) => tensor));
    const fisher = weights.find(({ name }) => name.startsWith('state/fisher/'))?.tensor as tf.Tensor;
    expect(fisher.shape).toEqual([1, 1]);
    expect(values(fisher)[0]! / (0.5 * squares(first) + squares(second))).toBeCloseTo(1, 5);
  });

  it('reports the loss at the weights for a forward pass, or that at the noise', () => {
    const w = own(tf.variable(tf.tensor1d([3, 4])));
    const clean = own(rwp({ sigma: 0.5, base: still }));
    expect(passes(clean, w)).toHaveLength(2);
    expect(clean.lastStep.loss).toBe(12.5);
    expect(clean.lastStep.gradientEvaluations).toBe(1);
    const official = own(rwp({ sigma: 0.5, cleanLoss: false, base: still }));
    expect(passes(official, w)).toHaveLength(1);
    expect(official.lastStep.loss).toBe(clean.lastStep.perturbedLoss);
    // Mixed, there is a clean pass in any case.
    expect(passes(own(rwp({ lambda: 0.5, cleanLoss: false, base: still })), w)).toEqual([[3, 4], expect.anything()]);
  });

  it.each([
    [{ lambda: 0 }, /lambda.*got 0/s],
    [{ gamma: 0.1 }, /gamma.*sigma, lambda/s],
    [{ sigma: -1 }, /sigma/],
  ])('refuses %o', (options, message) => {
    expect(() => rwp({ ...options, base: still } as Parameters<typeof rwp>[0])).toThrow(message);
  });
});
