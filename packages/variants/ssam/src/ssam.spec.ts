import { lossOfBatch, type LossFunction, type OptimizerContext, type SharpnessAwareOptimizer } from '@flatmin/core';
import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { largest } from './mask.js';
import { ssam } from './plugin.js';

const made: { dispose(): void }[] = [];
afterEach(() => made.splice(0).forEach((each) => each.dispose()));
const own = <T extends { dispose(): void }>(each: T): T => {
  made.push(each);
  return each;
};
const values = (tensor: tf.Tensor): number[] => Array.from(tensor.dataSync());
/** Weights that do not move: each step has the same gradient. */
const still = { use: 'sgd', learningRate: 0 };
const tenths = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

/** <c, w>: the gradient is c, wherever w is. */
const slope =
  (w: tf.Variable, c: number[]): LossFunction =>
  () =>
    tf.tidy(() => tf.sum<tf.Scalar>(tf.mul(w, c)));

/** The masks of some steps over the loss <c, w>: 1 where the perturbed pass stood elsewhere than the clean one. */
function masks(optimizer: SharpnessAwareOptimizer, c: number[], steps: number): number[][] {
  const w = own(tf.variable(tf.zeros([c.length])));
  own(optimizer);
  return Array.from({ length: steps }, () => {
    let at: number[] = [];
    const loss = (): tf.Scalar => {
      at = values(w);
      return slope(w, c)();
    };
    optimizer.minimize(loss, false, [w]);
    return at.map((value) => (value === 0 ? 0 : 1));
  });
}
const count = (mask: number[]): number => mask.reduce((a, b) => a + b, 0);

describe('ssam', () => {
  it('keeps the norm of the whole gradient, and leaves what is masked exactly where it is', () => {
    const gradient = fc.array(fc.double({ min: 0.1, max: 9, noNaN: true }), { minLength: 6, maxLength: 6 });
    const bits = fc.array(fc.constantFrom<0 | 1>(0, 1), { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(gradient, bits, (c, mask) => {
        const w = tf.variable(tf.tensor1d(c.map((value) => -value)));
        const optimizer = ssam({ rho: 0.5, mask: [mask], base: still });
        const before = values(w);
        let at: number[] = [];
        const loss = (): tf.Scalar => {
          at = values(w);
          return slope(w, c)();
        };
        optimizer.minimize(loss, false, [w]);
        optimizer.dispose();
        w.dispose();
        at.forEach((value, i) => {
          if (mask[i] === 0) expect(value).toBe(before[i]);
          else expect(value - (before[i] as number)).toBeCloseTo((0.5 * (c[i] as number)) / Math.hypot(...c), 5);
        });
      }),
      { numRuns: 25, seed: 5 },
    );
  });

  it('perturbs the share of the largest squared gradients over all parameters', () => {
    const [mask] = masks(ssam({ rho: 1, sparsity: 0.7, base: still }), [1, -9, 2, 3, -4, 8, 5, 6, 7, 0.5], 1);
    expect(mask).toEqual([0, 1, 0, 0, 0, 1, 0, 0, 1, 0]);
    const parts = tf.tidy(() => largest([tf.tensor2d([[5, 1]]), tf.scalar(7), tf.tensor1d([6])], 2).map(values));
    expect(parts).toEqual([[0, 0], [1], [1]]);
  });

  it('renews the mask only after refreshEvery steps that used it', () => {
    // The gradient turns round each step; masks stay for two.
    const w = own(tf.variable(tf.zeros([2])));
    const optimizer = own(ssam({ rho: 1, sparsity: 0.5, refreshEvery: 2, base: still }));
    const found = [0, 1, 2, 3, 4].map((t) => {
      let at: number[] = [];
      const loss = (): tf.Scalar => {
        at = values(w);
        return slope(w, t % 2 === 0 && t !== 2 ? [3, 1] : [1, 3])();
      };
      optimizer.minimize(loss, false, [w]);
      return at[0] === 0 ? 'second' : 'first';
    });
    expect(found).toEqual(['first', 'first', 'second', 'second', 'first']);
  });

  it('adds up the squares of single gradients, not the square of their sum', () => {
    // Two examples pull the first weight by 3 and -3, the second by 1 and 1: together (0, 1), squared one by one (9,
    // 1).
    const w = own(tf.variable(tf.zeros([2])));
    const x = own(
      tf.tensor2d([
        [3, 1],
        [-3, 1],
      ]),
    );
    const perturbed = (fisherSamples: number): number[] => {
      let at: number[] = [];
      const perExample = (rows: tf.Tensor2D): tf.Tensor1D => {
        if (rows.shape[0] === 2) at = values(w);
        return tf.sum(tf.mul(rows, tf.add(w, tf.mul(0.1, tf.square(w)))), 1);
      };
      const optimizer = own(ssam({ rho: 1, sparsity: 0.5, fisherSamples, base: still }));
      optimizer.minimize(lossOfBatch(perExample, x, x), false, [w]);
      expect(optimizer.lastStep.gradientEvaluations).toBe(2 + fisherSamples);
      return at;
    };
    expect(perturbed(0)).toEqual([0, expect.closeTo(1, 6)]);
    // The clean gradient of the first weight is 0: its offset is too, and the second is masked.
    expect(perturbed(2)).toEqual([0, 0]);
  });

  it('drops the smallest gradients and regrows as many at random, by seed', () => {
    const run = (seed: number, context: OptimizerContext = {}): number[][] =>
      masks(
        ssam({ mask: 'dynamic', rho: 1, sparsity: 0.4, dropRate: 0.5, refreshEvery: 1, seed, base: still }, context),
        tenths,
        6,
      );
    const found = run(1);
    expect(run(1)).toEqual(found);
    expect(run(2)).not.toEqual(found);
    for (const [t, mask] of found.entries()) {
      expect(count(mask)).toBe(6);
      if (t === 0) continue;
      // Of six, the three of the largest gradients stay.
      const last = (found[t - 1] as number[]).flatMap((bit, i) => (bit === 1 ? [i] : []));
      for (const i of last.slice(-3)) expect(mask[i]).toBe(1);
    }
    // A cosine from dropRate to 0: in the last of 6 steps floor(0.5 * 6 * (1 + cos(5 pi / 6)) / 2) = 0 are dropped.
    const scheduled = run(1, { totalSteps: 6 });
    expect(scheduled[5]).toEqual(scheduled[4]);
  });

  /** The second mask that a run finds, after a first one that is known. */
  const refreshed = (sparsity: number, dropRate: number, seed: number): [number[], number[]] => {
    const optimizer = ssam({ mask: 'dynamic', rho: 1, sparsity, dropRate, refreshEvery: 1, seed, base: still });
    return masks(optimizer, tenths, 2) as [number[], number[]];
  };

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('case 6: grows nothing that it has just dropped (seed %i)', (seed) => {
    // Of ten weights six are in the mask: the three of the smallest gradients go, and three of the four outside come
    // in.
    const [old, fresh] = refreshed(0.4, 0.5, seed);
    const inside = tenths.map((_, i) => i).filter((i) => old[i] === 1);
    expect(inside).toHaveLength(6);
    for (const i of inside.slice(0, 3)) expect(fresh[i]).toBe(0);
    for (const i of inside.slice(3)) expect(fresh[i]).toBe(1);
    expect(count(fresh)).toBe(6);
    expect(count(fresh.filter((_, i) => old[i] === 0))).toBe(3);
  });

  it('case 6: drops no more than are free to grow, so that the mask stays as dense', () => {
    // The defaults on ten weights: 8 in the mask; half of them would be 4, and 2 are free: the two of the smallest
    // gradients go.
    const [old, fresh] = refreshed(0.2, 0.5, 1);
    const inside = tenths.map((_, i) => i).filter((i) => old[i] === 1);
    expect(inside).toHaveLength(8);
    expect(fresh).toEqual(tenths.map((_, i) => (inside.slice(0, 2).includes(i) ? 0 : 1)));
    // A mask without gaps has nothing to grow from: it is SAM's, and stays it.
    expect(refreshed(0, 0.5, 1)[1]).toEqual(tenths.map(() => 1));
    expect(refreshed(1, 0.5, 1)[1]).toEqual(tenths.map(() => 0));
  });

  it('says what a mask of other lengths, and samples without batch access, need', () => {
    const w = own(tf.variable(tf.zeros([3])));
    const masked = own(ssam({ mask: [[1, 0]], base: still }));
    expect(() => masked.minimize(slope(w, [1, 2, 3]), false, [w])).toThrow(/mask.*\[3\].*got \[2\]/s);
    const sampled = own(ssam({ fisherSamples: 4, base: still }));
    expect(() => sampled.minimize(slope(w, [1, 2, 3]), false, [w])).toThrow(/fisherSamples needs loss\.subset/);
  });
});
