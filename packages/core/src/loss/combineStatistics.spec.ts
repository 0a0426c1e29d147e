import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { lossOfOutputs } from './batchLosses.js';
import { declareMoments } from './combineStatistics.js';
import type { LossFunction } from './loss.js';
import { optimizerOf, owner, thrownBy, toySam, valuesOf, variablesOf } from '../toys.fixture.js';

const own = owner(afterEach);
let made = 0;

/** w x, on whose way averages of x move as those of batch normalization. */
function watching({ rate = 0.1, declares = true, channels = 1, name = 'moving_variance' } = {}) {
  const [w] = variablesOf(Array<number>(channels).fill(0.5)).map(own) as [tf.Variable];
  const statistic = (value: number, called: string, dtype?: 'int32') =>
    own(tf.variable(tf.fill([channels], value, dtype), false, `norm${made++}/${called}`, dtype));
  const [mean, variance] = [statistic(0, 'moving_mean'), statistic(1, name)];
  const [largest, passes, steps] = [statistic(0, 'average_of_squares'), statistic(0, 'passes'), statistic(0, 'steps', 'int32')]; // prettier-ignore
  if (declares) declareMoments(mean, variance, rate);
  const move = (average: tf.Variable, value: tf.Tensor): void =>
    average.assign(tf.sub(average, tf.mul(tf.sub(average, value), rate)));
  const predict = (x: tf.Tensor2D): tf.Tensor1D => {
    const moments = tf.moments(x, [0]);
    move(mean, moments.mean);
    move(variance, moments.variance);
    move(largest, tf.mean(tf.square(x), 0));
    passes.assign(tf.add(passes, 1));
    steps.assign(tf.add(steps, tf.scalar(1, 'int32')));
    return tf.sum(tf.mul(x, w), 1);
  };
  const loss = (x: tf.Tensor2D, y: tf.Tensor1D, weight?: (y: tf.Tensor1D) => tf.Scalar): LossFunction =>
    lossOfOutputs(predict, (a, b) => tf.squaredDifference(a, b), x, y, undefined, weight);
  const now = (): number[][] => valuesOf([mean, variance, largest, passes, steps]);
  const reset = (): void => {
    w.assign(tf.fill([channels], 0.5));
    variance.assign(tf.ones([channels]));
    for (const each of [mean, largest, passes, steps]) each.assign(tf.zerosLike(each));
  };
  return { w, loss, now, reset };
}

const five = () => {
  const x = own(tf.tensor2d([3, 4, 5, 5, 5, 5, 6, 7], [8, 1]));
  return { x, y: own(tf.zeros<tf.Rank.R1>([8])) };
};

describe('statistics of parts', () => {
  it.each([
    ['accumulate', { accumulate: 4 }],
    ['microBatches', { microBatches: 4 }],
    ['both', { microBatches: 2, accumulate: 2 }],
  ])('case 4: move once a step, to those of the whole batch, by hand: %s', (_, settings) => {
    const { w, loss, now } = watching();
    const { x, y } = five();
    own(optimizerOf(toySam, { rho: 0.05, ...settings })).minimize(loss(x, y), false, [w]);
    const [[mean], [variance], [squares], [passes], [steps]] = now() as [[number], [number], [number], [number], [number]]; // prettier-ignore
    // Mean 5 and squared distances 4 + 1 + 0 + 0 + 0 + 0 + 1 + 4 over 8: 0.1 x 5, not 5 (1 - 0.9^4) = 1.7195; 0.9 + 0.1
    // x 1.25.
    expect(mean).toBeCloseTo(0.5, 6);
    expect(variance).toBeCloseTo(0.9 + 0.125, 6);
    expect(squares).toBeCloseTo(0.1 * (25 + 1.25), 5);
    expect([passes, steps]).toEqual([1, 1]);
  });

  it('case 4: move once where the variables have to be found, also for a loss that begins to depend on another', () => {
    const { w, loss, now } = watching();
    const { x, y } = five();
    const optimizer = own(optimizerOf(toySam, { accumulate: 4 }));
    optimizer.minimize(loss(x, y));
    expect(now()[0]?.[0]).toBeCloseTo(0.5, 6);
    expect(w.dataSync()[0]).not.toBe(0.5);
    optimizer.minimize(loss(x, y));
    expect(now()[0]?.[0]).toBeCloseTo(0.5 + 0.45, 6);
  });

  it('case 4: are as before a step that throws in its last part', () => {
    const { w, loss, now } = watching();
    const { x, y } = five();
    let passes = 0;
    const failing = loss(x, y, () => {
      if (++passes === 4) throw new Error('weight');
      return tf.scalar(1);
    });
    for (const settings of [{ accumulate: 4 }, { microBatches: 4 }]) {
      passes = 0;
      expect(() => own(optimizerOf(toySam, settings)).minimize(failing, false, [w])).toThrow('weight');
      expect(now().map(([value]) => value)).toEqual([0, 1, 0, 0, 0]);
    }
  });

  it('case 4: are those of the whole batch for any sizes, parts, rates and weights of the loss', () => {
    const problems = fc.record({
      size: fc.integer({ min: 1, max: 13 }),
      accumulate: fc.integer({ min: 1, max: 6 }),
      microBatches: fc.integer({ min: 1, max: 4 }),
      channels: fc.integer({ min: 1, max: 3 }),
      rate: fc.constantFrom(0.01, 0.1, 0.5, 1),
      seed: fc.integer({ min: 1, max: 1e6 }),
      weighted: fc.boolean(),
    });
    fc.assert(
      fc.property(problems, ({ size, channels, rate, seed, weighted, ...settings }) => {
        const { w, loss, now, reset } = watching({ rate, channels });
        const x = own(tf.add<tf.Tensor2D>(tf.randomNormal([size, channels], 0, 2, 'float32', seed), 3));
        const y = own(tf.randomUniform<tf.Rank.R1>([size], 0.5, 3, 'float32', seed));
        const given = loss(x, y, weighted ? (rows) => tf.sum(rows) : undefined);
        own(optimizerOf(toySam)).minimize(given, false, [w]);
        const expected = now().flat();
        reset();
        own(optimizerOf(toySam, settings)).minimize(given, false, [w]);
        now()
          .flat()
          .forEach((value, i) =>
            expect(Math.abs(value - (expected[i] as number))).toBeLessThan(2e-6 * (1 + Math.abs(value))),
          );
      }),
      { numRuns: 30 },
    );
  });

  it('case 4: a variance that nobody declares is refused before anything moves', () => {
    for (const name of ['moving_variance', 'moving_variance_3', 'running_variance']) {
      const { w, loss, now } = watching({ declares: false, name });
      const { x, y } = five();
      const { code, message } = thrownBy(() =>
        own(optimizerOf(toySam, { accumulate: 2 })).minimize(loss(x, y), false, [w]),
      );
      expect(code).toBe('BATCH_ACCESS_MISSING');
      expect(message).toMatch(new RegExp(`norm\\d+/${name}".*Call declareMoments`));
      expect(now().map(([value]) => value)).toEqual([0, 1, 0, 0, 0]);
      expect(w.dataSync()[0]).toBe(0.5);
    }
  });

  it('case 4: a declaration that cannot be is refused', () => {
    const [mean, variance, other] = variablesOf([1, 2], [1, 2], [1]).map(own) as [
      tf.Variable,
      tf.Variable,
      tf.Variable,
    ];
    expect(thrownBy(() => declareMoments(mean, other, 0.1)).message).toMatch(/shape \[2\].*shape \[1\]/);
    for (const rate of [-0.1, 1.1, NaN]) {
      expect(thrownBy(() => declareMoments(mean, variance, rate)).code).toBe('VARIABLES_INVALID');
    }
  });

  it('case 4: cost some twenty ops a step, however many layers there are, and leave no tensor', async () => {
    const layers = Array.from({ length: 8 }, () => watching());
    const { x, y } = five();
    const sumOf = (losses: readonly LossFunction[]): LossFunction => {
      const sum = (): tf.Scalar => tf.addN<tf.Scalar>(losses.map((loss) => loss()));
      const parts = (count: number): LossFunction[] => {
        const cut = losses.map((loss) => loss.split?.(count) ?? []);
        return Array.from({ length: count }, (_, i) => sumOf(cut.map((each) => each[i] as LossFunction)));
      };
      return Object.assign(sum, { size: losses[0]?.size as number, split: parts });
    };
    const whole = sumOf(layers.map(({ loss }) => loss(x, y)));
    const variables = layers.map(({ w }) => w);
    const optimizer = own(optimizerOf(toySam, { accumulate: 4 }));
    const step = (): void => void optimizer.minimize(whole, false, variables);
    step();
    const before = tf.memory().numTensors;
    const { kernels } = await tf.profile(step);
    expect(tf.memory().numTensors).toBe(before);
    // Averages in one, and variances: each packed, and cut into the variables again.
    expect(kernels.filter(({ name }) => name === 'SplitV')).toHaveLength(2);
    for (const { now } of layers) expect(now()[0]?.[0]).toBeCloseTo(0.5 + 0.45, 5);
  });
});
