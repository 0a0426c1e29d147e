import { lossOfBatch, type LossFunction, type SharpnessAwareOptimizer } from '@flatmin/core';
import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { sampa } from './plugin.js';

const made: { dispose(): void }[] = [];
afterEach(() => made.splice(0).forEach((each) => each.dispose()));
const own = <T extends { dispose(): void }>(each: T): T => (made.push(each), each);
const values = (tensor: tf.Tensor): number[] => Array.from(tensor.dataSync());

/** L(w) = 1/2 |w - x|^2 of one example x, which is gone once the step is over: the gradient is w - x. */
class Pull {
  readonly w = own(tf.variable(tf.tensor1d([3, 4])));
  /** Where each pass of the last step stood, and of which x it was. */
  seen: { readonly at: number[]; readonly x: number[] }[] = [];

  readonly lossOf = (x: tf.Tensor2D): LossFunction =>
    lossOfBatch(
      (rows: tf.Tensor2D) => {
        this.seen.push({ at: values(this.w), x: values(rows) });
        return tf.mul<tf.Tensor1D>(0.5, tf.sum(tf.square(tf.sub(this.w, rows)), 1));
      },
      x,
      x,
    );

  step(optimizer: SharpnessAwareOptimizer, x: readonly [number, number]): number[] {
    this.seen = [];
    const batch = tf.tensor2d([[...x]]);
    optimizer.minimize(this.lossOf(batch), false, [this.w]);
    batch.dispose();
    return values(this.w);
  }
}

const sgd = { use: 'sgd', learningRate: 0.1 };
const close = (numbers: readonly number[]) => numbers.map((number) => expect.closeTo(number, 5) as unknown);

describe('sampa', () => {
  it('takes the gradient at the offset on the batch before, which is gone', () => {
    // Step 0, x = (0, 0): c = (3, 4), w = (2.7, 3.6). Step 1, x = (1, 0): ghat on (0, 0) at w + 0.5 c / 5 = (3, 4) is
    // (3, 4); y = w - 0.1 c = (2.4, 3.2), c = y - (1, 0) = (1.4, 3.2); 0.75 ghat + 0.25 c = (2.6, 3.8).
    const pull = new Pull();
    const optimizer = own(sampa({ rho: 0.5, lambda: 0.25, base: sgd }));
    expect(pull.step(optimizer, [0, 0])).toEqual(close([2.7, 3.6]));
    expect(pull.step(optimizer, [1, 0])).toEqual(close([2.44, 3.22]));
    expect(pull.seen).toEqual([
      { at: close([2.7, 3.6]), x: [1, 0] },
      { at: close([3, 4]), x: [0, 0] },
      { at: close([2.4, 3.2]), x: [1, 0] },
    ]);
    expect(optimizer.lastStep.loss).toBeCloseTo(0.5 * (1.7 ** 2 + 3.6 ** 2), 5);
    expect(optimizer.lastStep.perturbedLoss).toBeCloseTo(12.5, 5);
    // Step 2, x = (0, 0): along c = (1.4, 3.2), on the batch (1, 0).
    pull.step(optimizer, [0, 0]);
    const length = Math.hypot(1.4, 3.2);
    expect(pull.seen[1]).toEqual({ at: close([2.44 + 0.7 / length, 3.22 + 1.6 / length]), x: [1, 0] });
  });

  it('or on the batch of the step, which then needs no batch access', () => {
    const pull = new Pull();
    const optimizer = own(sampa({ rho: 0.5, lambda: 0.25, perturbedBatch: 'current', base: sgd }));
    pull.step(optimizer, [0, 0]);
    pull.step(optimizer, [1, 0]);
    expect(pull.seen.map(({ x }) => x)).toEqual([[1, 0], [1, 0], [1, 0]]); // prettier-ignore
    const plain = (): tf.Scalar => tf.tidy(() => tf.sum<tf.Scalar>(tf.square(pull.w)));
    optimizer.minimize(plain, false, [pull.w]);
    expect(optimizer.lastStep.gradientEvaluations).toBe(2);
  });

  it('says at the first step what the previous batch needs, before anything moves', () => {
    const { w } = new Pull();
    const optimizer = own(sampa({ base: sgd }));
    const plain = (): tf.Scalar => tf.tidy(() => tf.sum<tf.Scalar>(tf.square(w)));
    expect(() => optimizer.minimize(plain, false, [w])).toThrow(
      /sampa with perturbedBatch 'previous' \('current' does without\) needs loss\.throughBatch.*batchLoss/s,
    );
    expect(values(w)).toEqual([3, 4]);
  });

  it.each([
    // v = (3, 4) after step 0, from which momentum 0.5 adds 0.1 0.5 v.
    [{ use: 'momentum', learningRate: 0.1, momentum: 0.5 }, [0.45, 0.6]],
    [sgd, [0.3, 0.4]],
    // rmsprop has a momentum too, of another kind: -0.1 c, as for every other base.
    [{ use: 'rmsprop', learningRate: 0.1, momentum: 0.5 }, [0.3, 0.4]],
    [{ use: 'adam', learningRate: 0.1 }, [0.3, 0.4]],
  ])('tries the step of %o from the weights, and leaves what it remembers', (base, moved) => {
    const pull = new Pull();
    const optimizer = own(sampa({ rho: 0.5, base }));
    const start = pull.step(optimizer, [0, 0]);
    pull.step(optimizer, [0, 0]);
    expect(pull.seen.at(-1)?.at).toEqual(start.map((value, i) => expect.closeTo(value - (moved[i] as number), 5)));
  });

  it('perturbs by exactly rho along the gradient at y of the step before, whatever the batches', () => {
    const coordinate = fc.integer({ min: -4000, max: 4000 }).map((thousandths) => thousandths / 1000);
    const point = fc.tuple(coordinate, coordinate);
    fc.assert(
      fc.property(fc.array(point, { minLength: 3, maxLength: 5 }), fc.constantFrom(0.05, 0.5, 2), (batches, rho) => {
        const pull = new Pull();
        const optimizer = own(sampa({ rho, lambda: 0.3, base: sgd }));
        let y: Pull['seen'][number] | undefined;
        batches.forEach((x, t) => {
          pull.step(optimizer, x);
          const [clean, perturbed] = pull.seen;
          const c = y?.at.map((value, i) => value - (y?.x[i] as number)) ?? [];
          const length = Math.hypot(...c);
          if (t > 0 && length > 0.1) {
            const offset = perturbed?.at.map((value, i) => value - (clean?.at[i] as number));
            expect(offset).toEqual(c.map((value) => expect.closeTo((rho * value) / length, 3)));
            expect(perturbed?.x).toEqual(y?.x);
          }
          y = pull.seen.at(-1);
        });
      }),
      { numRuns: 25, seed: 3 },
    );
  });

  it('keeps the batch of c over steps that are not its own', () => {
    // every: 2 leaves step 1 to the base; step 2 perturbs along c of step 0, on the batch of step 0.
    const pull = new Pull();
    const optimizer = own(sampa({ rho: 0.5, every: 2, base: sgd }));
    pull.step(optimizer, [0, 0]);
    const [, second] = pull.step(optimizer, [7, 7]);
    expect(pull.seen).toHaveLength(1);
    pull.step(optimizer, [1, 1]);
    expect(pull.seen.map(({ x }) => x)).toEqual([[1, 1], [0, 0], [1, 1]]); // prettier-ignore
    expect(pull.seen[1]?.at[1]).toBeCloseTo((second as number) + 0.4, 5);
  });

  it('is the same in parts: the whole batch before is in each', () => {
    const run = (microBatches: number): number[] => {
      const w = own(tf.variable(tf.tensor1d([3, 4])));
      const optimizer = own(sampa({ rho: 0.5, lambda: 0.25, microBatches, base: { use: 'sgd', learningRate: 0.001 } }));
      for (const rows of [
        [
          [1, 0],
          [0, 2],
          [4, 1],
        ],
        [
          [2, 2],
          [1, 3],
        ],
        [
          [0, 1],
          [5, 1],
          [1, 1],
        ],
      ]) {
        // prettier-ignore
        const x = tf.tensor2d(rows);
        const perExample = (some: tf.Tensor2D): tf.Tensor1D => tf.sum(tf.pow(tf.sub(w, some), 4), 1);
        optimizer.minimize(lossOfBatch(perExample, tf.div(x, 10), x), false, [w]);
        x.dispose();
      }
      return values(w);
    };
    expect(run(2)).toEqual(run(1).map((value) => expect.closeTo(value, 3)));
  });

  it('leaves the trial step as it is where offsets are spread over the layers', () => {
    // A kernel [2, 1] has the scale sqrt(1 / 2): ghat is at w + 0.5 sqrt(0.5) c / ||c||, y where it was.
    const seen: number[][] = [];
    const w = own(tf.variable(tf.tensor2d([[3], [4]]), true, 'spread/kernel'));
    const loss = (): tf.Scalar => {
      seen.push(values(w));
      return tf.tidy(() => tf.mul(0.5, tf.sum<tf.Scalar>(tf.square(w))));
    };
    const optimizer = own(sampa({ rho: 0.5, perturbedBatch: 'current', layerScales: 'spectral', base: sgd }));
    for (let t = 0; t < 2; t++) optimizer.minimize(loss, false, [w]);
    const root = Math.SQRT1_2;
    expect(seen.slice(-2)).toEqual([close([2.7 + 0.3 * root, 3.6 + 0.4 * root]), close([2.4, 3.2])]);
  });

  it.each([
    [{ lambda: -0.1 }, /lambda.*got -0\.1/s],
    [{ perturbedBatch: 'next' }, /perturbedBatch.*previous.*current/s],
    [{ og: 0.2 }, /og.*rho, lambda, perturbedBatch/s],
  ])('refuses %o', (options, message) => {
    expect(() => sampa({ ...options, base: sgd } as Parameters<typeof sampa>[0])).toThrow(message);
  });
});
