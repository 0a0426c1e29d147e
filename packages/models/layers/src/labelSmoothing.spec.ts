import { isFlatminError } from '@flatmin/core';
import { sam } from '@flatmin/sam';
import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs';
import { batchLoss } from './batchLoss.js';
import { compile } from './compile.js';
import type { ModelLoss } from './compiledLoss.js';
import { withLabelSmoothing } from './labelSmoothing.js';
import { classifier, examples, weightsOf } from './models.fixture.js';

const read = (tensor: tf.Tensor): number[] => [...tensor.dataSync()];
const near = (actual: readonly number[], expected: readonly number[]): void => {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, i) => expect(value).toBeCloseTo(expected[i] as number, 5));
};

/** A single unit with a sigmoid: the chance of class 1. */
const single = () => tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2], activation: 'sigmoid' })] });

describe('withLabelSmoothing', () => {
  it('gives each class its share of a target of several, worked by hand', () => {
    const loss = withLabelSmoothing('categoricalCrossentropy', 0.3);
    const predicted = tf.tensor2d([[1 / 8, 2 / 8, 5 / 8]]);
    // The targets are 0.1, 0.8, 0.1.
    near(read(loss(tf.tensor2d([[0, 1, 0]]), predicted)), [
      0.1 * Math.log(8) + 0.8 * Math.log(4) + 0.1 * Math.log(8 / 5),
    ]);
  });

  it('gives either side its share of a target of two, worked by hand', () => {
    const loss = withLabelSmoothing('binaryCrossentropy', 0.2);
    const predicted = tf.tensor2d([[0.25], [0.25]]);
    // The targets are 0.9 and 0.1.
    const [yes, no] = [Math.log(4), Math.log(4 / 3)];
    near(read(loss(tf.tensor2d([[1], [0]]), predicted)), [0.9 * yes + 0.1 * no, 0.1 * yes + 0.9 * no]);
  });

  it.each(['categoricalCrossentropy', 'binaryCrossentropy'] as const)('of 0 is %s itself, to the bit', (name) => {
    const { x, classes } = examples();
    const model = classifier();
    const plain = batchLoss(model, x, classes, { loss: name });
    expect(read(batchLoss(model, x, classes, { loss: withLabelSmoothing(name, 0) })())).toEqual(read(plain()));
  });

  it('trains by fit under SAM as smoothed targets do, and leaves no tensor', async () => {
    const { x, classes } = examples();
    const trained = async (loss: ModelLoss, y: tf.Tensor) => {
      const model = classifier();
      const optimizer = sam({ rho: 0.05, base: { use: 'sgd', learningRate: 0.5 } });
      compile(model, { optimizer, loss });
      const { history } = await model.fit(x, y, { epochs: 1, batchSize: 6, shuffle: false, verbose: 0 });
      const before = tf.memory().numTensors;
      await model.fit(x, y, { epochs: 2, batchSize: 6, shuffle: false, verbose: 0 });
      expect(tf.memory().numTensors).toBe(before);
      return [...weightsOf(model).flat(), ...(history['loss'] as number[])];
    };
    const byHand = tf.add(tf.mul(classes, 0.9), 0.1 / 3);
    near(
      await trained(withLabelSmoothing('categoricalCrossentropy', 0.1), classes),
      await trained('categoricalCrossentropy', byHand),
    );
  });

  it('keeps what a loss by name knows of its batch: losses of examples, parts, and classes', () => {
    const { x, classes } = examples();
    const whole = batchLoss(classifier(), x, classes, { loss: withLabelSmoothing('categoricalCrossentropy', 0.1) });
    expect(read(whole.labels!())).toEqual([0, 1, 2, 1, 0, 2]);
    const all = read(whole.perExample());
    near([all.reduce((sum, value) => sum + value, 0) / 6], read(whole()));
    near(read(whole.subset([2, 1])()), [((all[2] as number) + (all[1] as number)) / 2]);
    const two = batchLoss(single(), x, tf.tensor2d([0, 1, 1, 0, 0, 1], [6, 1]), { loss: withLabelSmoothing('binaryCrossentropy', 0.1) }); // prettier-ignore
    expect(read(two.labels!())).toEqual([0, 1, 1, 0, 0, 1]);
  });

  it.each<[string, string, number, RegExp]>([
    ['sparse targets', 'sparseCategoricalCrossentropy', 0.1, /got the loss "sparseCategoricalCrossentropy".*make the targets one-hot/],
    ['a loss without classes', 'meanSquaredError', 0.1, /got the loss "meanSquaredError". Name one of categoricalCrossentropy, binaryCrossentropy/],
    ['a share of all', 'categoricalCrossentropy', 1, /got the share 1\. Give a number from 0 to below 1/],
    ['a share that is no number', 'binaryCrossentropy', NaN, /got the share NaN/],
  ])('refuses %s', (_, loss, share, message) => {
    let error: unknown;
    try {
      withLabelSmoothing(loss as 'binaryCrossentropy', share);
    } catch (thrown) {
      error = thrown;
    }
    if (!isFlatminError(error)) throw new Error('it was not refused by name', { cause: error });
    expect(error.code).toBe('SPEC_INVALID');
    expect(error.message).toMatch(message);
  }); // prettier-ignore
});
