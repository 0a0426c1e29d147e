import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { owner, rejectionOf, valuesOf } from '../toys.fixture.js';
import { RandomStream } from '../tensors/random.js';
import { FlatminError } from '../errors/errors.js';
import { declareMoments } from './combineStatistics.js';
import { estimateStatistics, type StatisticsPass } from './estimateStatistics.js';
import { lossRandom } from './lossRandom.js';

const own = owner(afterEach);
let made = 0;

/** Moving averages of two channels, and a plain one, that passes move as those of batch normalization. */
function statistics(rate: number) {
  const statistic = (value: number, name: string): tf.Variable =>
    own(tf.variable(tf.fill([2], value), false, `estimate${made++}/${name}`));
  const [mean, variance, largest] = [statistic(7, 'mean'), statistic(9, 'variance'), statistic(0, 'largest')];
  declareMoments(mean, variance, rate);
  const move = (average: tf.Variable, value: tf.Tensor): void =>
    average.assign(tf.add(average, tf.mul(rate, tf.sub(value, average))));
  const pass = (rows: number[][]): StatisticsPass => ({
    size: rows.length,
    run: () => {
      const moments = tf.moments(tf.tensor2d(rows), [0]);
      move(mean, moments.mean);
      move(variance, moments.variance);
      largest.assign(tf.maximum(largest, tf.max(tf.tensor2d(rows), 0)));
    },
  });
  return { all: [mean, variance, largest], pass, now: () => valuesOf([mean, variance, largest]) };
}

const rows = [
  [1, 10],
  [3, 10],
  [8, 40],
];

describe.each([0.01, 0.1, 1])('statistics estimated at rate %s', (rate) => {
  it('are those of all examples together, by hand, whatever they were', async () => {
    const { pass, now } = statistics(rate);
    await estimateStatistics([pass(rows.slice(0, 2)), pass(rows.slice(2))]);
    // Channel 1: mean 4, squares 9 + 1 + 16 over 3; channel 2: mean 20, squares 100 + 100 + 400 over 3.
    const [mean, variance, largest] = now() as [number[], number[], number[]];
    [4, 20].forEach((value, i) => expect(mean[i]).toBeCloseTo(value, 4));
    [26 / 3, 200].forEach((value, i) => expect((variance[i] as number) / value).toBeCloseTo(1, 5));
    expect(largest).toEqual([8, 40]);
  });
});

describe('the estimate', () => {
  it('leaves other models and what no pass moves as they are, and stops after a pass that moves nothing', async () => {
    const [one, other] = [statistics(0.1), statistics(0.1)];
    await estimateStatistics([one.pass(rows)]);
    expect(other.now()).toEqual([[7, 7], [9, 9], [0, 0]]); // prettier-ignore
    let passes = 0;
    await estimateStatistics([1, 2, 3].map(() => ({ size: 1, run: () => passes++ })));
    expect([passes, other.now()]).toEqual([1, [[7, 7], [9, 9], [0, 0]]]); // prettier-ignore
    await estimateStatistics([]);
    expect(other.now()[0]).toEqual([7, 7]);
  });

  it('puts statistics back when a pass throws, and keeps no tensor', async () => {
    const { all, pass, now } = statistics(0.1);
    await estimateStatistics([pass(rows)]);
    const [before, held, values] = [tf.memory().numTensors, all.map(({ dataId }) => dataId), now()];
    const failing = {
      size: 1,
      run: () => {
        throw new FlatminError('DATA_INVALID', 'no more');
      },
    };
    expect((await rejectionOf(estimateStatistics([pass(rows), failing]))).code).toBe('DATA_INVALID');
    expect(all.map(({ dataId }) => dataId)).toEqual(held);
    expect([tf.memory().numTensors, now()]).toEqual([before, values]);
  });

  it('gives each pass random numbers of its own', async () => {
    const { pass } = statistics(0.1);
    const drawn: unknown[] = [];
    const drawing = (): StatisticsPass => {
      const { size, run } = pass(rows);
      return { size, run: () => (run(), drawn.push(lossRandom()?.at('x').normals(1)[0])) };
    };
    await estimateStatistics([drawing(), drawing()], new RandomStream(3));
    await estimateStatistics([drawing(), drawing()], new RandomStream(3));
    expect(drawn.slice(0, 2)).toEqual(drawn.slice(2));
    expect(drawn[0]).not.toBe(drawn[1]);
    expect(lossRandom()).toBeUndefined();
  });
});
