import { lossOfBatch, type LossFunction, type SharpnessAwareOptimizer } from '@flatmin/core';
import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { tiltedSam } from './plugin.js';

const made: { dispose(): void }[] = [];
afterEach(() => made.splice(0).forEach((each) => each.dispose()));
const own = <T extends { dispose(): void }>(each: T): T => (made.push(each), each);
const values = (tensor: tf.Tensor): number[] => Array.from(tensor.dataSync());
/** At learning rate 1 the step is the final gradient. */
const sgd = { use: 'sgd', learningRate: 1 } as const;
const round = Math.fround;

/** 1/2 scale |w|^2. */
const bowl =
  (w: tf.Variable, scale = 1): LossFunction =>
  () =>
    tf.tidy(() => tf.mul(0.5 * scale, tf.sum<tf.Scalar>(tf.square(w))));

/** A step from w: where its passes stood, and the final gradient. */
function step(optimizer: SharpnessAwareOptimizer, start: number[], scale?: number) {
  const w = tf.variable(tf.tensor1d(start));
  const seen: number[][] = [];
  const loss = (): tf.Scalar => {
    seen.push(values(w));
    return bowl(w, scale)();
  };
  own(optimizer).minimize(loss, false, [w]);
  const final = values(w).map((value, i) => start[i]! - value);
  w.dispose();
  const [weights, ...pairs] = seen;
  const samples = pairs.flatMap((at, i) => (i % 2 === 0 ? [{ noisy: at, climbed: pairs[i + 1]! }] : []));
  return { weights, samples, final };
}

const length = (a: readonly number[], b: readonly number[]): number => Math.hypot(...a.map((v, i) => v - b[i]!));

describe('tilted-sam', () => {
  it('starts at noise of its length, and climbs by rho along the gradient there, whatever the options', () => {
    const positive = fc.double({ min: 0.05, max: 2, noNaN: true });
    fc.assert(
      fc.property(positive, positive, fc.integer({ min: 1, max: 4 }), fc.nat(1000), (rho, noise, samples, seed) => {
        // Ten normal numbers are longer than 0.5 (but for one seed in 10^5).
        const start = [5, -4, 3, 6, -7, 5, 4, -3, 6, 7];
        const options = { rho, samples, seed, noise: noise / 4, base: sgd };
        const { weights, samples: taken } = step(tiltedSam(options), start);
        expect(weights).toEqual(start);
        expect(taken).toHaveLength(samples);
        for (const { noisy, climbed } of taken) {
          expect(length(noisy, start)).toBeCloseTo(noise / 4, 4);
          const g = Math.hypot(...noisy);
          expect(climbed).toEqual(noisy.map((value) => expect.closeTo(value + (rho * value) / g, 4)));
        }
        // No two samples alike.
        expect(new Set(taken.map(({ noisy }) => noisy.join())).size).toBe(samples);
      }),
      { numRuns: 20, seed: 4 },
    );
  });

  it('is the mean at tilt 0, to the bit', () => {
    const start = [3, 1];
    const { samples, final } = step(tiltedSam({ samples: 4, noise: 0.5, tilt: 0, seed: 2, base: sgd }), start);
    const points = samples.map(({ climbed }) => climbed);
    // The gradient of 1/2 |w|^2 is w: a quarter each, from the first one on, in float32.
    const mean = start.map((_, k) =>
      points
        .slice(1)
        .reduce((sum, point) => round(round(round(point[k]! - points[0]![k]!) * 0.25) + sum), points[0]![k]!),
    );
    expect(final).toEqual(mean.map((value, k) => start[k]! - round(start[k]! - value)));
  });

  it('gives one sample all the weight, to the bit, and the largest loss that of a large tilt', () => {
    const start = [3, 1];
    const single = (tilt: number) => step(tiltedSam({ samples: 1, noise: 0.5, tilt, base: sgd }), start);
    expect(single(7)).toEqual(single(0));
    const optimizer = tiltedSam({ samples: 3, noise: 0.5, tilt: 1e6, base: sgd });
    const { samples, final } = step(optimizer, start);
    const largest = samples.map(({ climbed }) => climbed).sort((a, b) => Math.hypot(...b) - Math.hypot(...a))[0]!;
    expect(final).toEqual(largest.map((value) => expect.closeTo(value, 5)));
    expect(optimizer.lastStep.largestWeight).toBeCloseTo(1, 6);
  });

  it.each([1e20, 1e-20])('is finite for losses in the order of %d', (scale) => {
    const optimizer = tiltedSam({ samples: 3, noise: 0.5, tilt: 100, base: { use: 'sgd', learningRate: 0 } });
    step(optimizer, [3, 1], scale);
    const { tiltedLoss, largestWeight } = optimizer.lastStep as { tiltedLoss?: number; largestWeight?: number };
    expect(Number.isFinite(tiltedLoss)).toBe(true);
    expect(largestWeight).toBeCloseTo(scale > 1 ? 1 : 1 / 3, 5);
  });

  it('draws others in each step, and the same for the same seed', () => {
    const run = (seed: number) => {
      const w = own(tf.variable(tf.tensor1d([3, 1])));
      const optimizer = own(tiltedSam({ samples: 2, seed, base: { use: 'sgd', learningRate: 0 } }));
      return [0, 1].map(() => {
        const seen: number[][] = [];
        const loss = (): tf.Scalar => (seen.push(values(w)), bowl(w)());
        optimizer.minimize(loss, false, [w]);
        return seen[1];
      });
    };
    const [first, second] = run(1);
    expect(first).not.toEqual(second);
    expect(run(1)).toEqual([first, second]);
    expect(run(2)).not.toEqual([first, second]);
  });

  it('draws others for each variable', () => {
    const [a, b] = [own(tf.variable(tf.tensor1d([3, 1]))), own(tf.variable(tf.tensor1d([3, 1])))];
    const seen: number[][][] = [];
    const loss = (): tf.Scalar => {
      seen.push([values(a), values(b)]);
      return tf.tidy(() => tf.add(bowl(a)(), bowl(b)()));
    };
    own(tiltedSam({ samples: 1, base: sgd })).minimize(loss, false, [a, b]);
    expect(seen[1]?.[0]).not.toEqual(seen[1]?.[1]);
  });

  it('draws others in each part', () => {
    const w = own(tf.variable(tf.tensor1d([3, 1])));
    const x = own(tf.zeros([2, 2]));
    const seen: string[] = [];
    const perExample = (rows: tf.Tensor): tf.Tensor1D => {
      seen.push(values(w).join());
      return tf.sum(tf.square(tf.add(rows, w)), 1);
    };
    own(tiltedSam({ samples: 1, microBatches: 2, base: sgd })).minimize(lossOfBatch(perExample, x, x), false, [w]);
    // Of each part the weights, its noise and where it climbed to.
    expect(new Set(seen).size).toBe(5);
  });

  it.each([
    [{ samples: 0 }, /samples.*got 0/s],
    [{ t: 1 }, /t.*rho, tilt, samples, noise/s],
  ])('refuses %o', (options, message) => {
    expect(() => tiltedSam({ ...options, base: sgd } as Parameters<typeof tiltedSam>[0])).toThrow(message);
  });
});
