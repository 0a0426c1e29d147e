import type { ClassificationDataSet, DataPart } from '@flatmin/core';
import type { AnyModel } from '@flatmin/training';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { heldOutBytes, heldOutLoss } from './heldOutLoss.js';

let tensors = 0;
beforeEach(() => {
  tensors = tf.memory().numTensors;
});
afterEach(() => expect(tf.memory().numTensors).toBe(tensors));

/** Says of how many examples a batch was asked, and whether they were to be shuffled. */
function partOf(size: number, width: number, asked: unknown[]): DataPart {
  return {
    size,
    async *batches({ batchSize, shuffle }) {
      asked.push({ batchSize, shuffled: shuffle !== undefined });
      yield { x: tf.ones([batchSize, width]), y: tf.zeros<tf.Rank.R1>([batchSize], 'int32') };
    },
  };
}

const dataset = (part: DataPart, width: number): ClassificationDataSet => ({
  id: 'ones', inputShape: [width], classes: 2, train: part, validation: part, test: part,
}); // prettier-ignore
const model = {
  apply: (x: tf.Tensor) => tf.tile(tf.tensor2d([[0, Math.log(3)]]), [x.shape[0], 1]),
} as AnyModel;
const batches = { batchSize: 2, seed: 1 };

it('is nothing without held-out examples', async () => {
  expect(await heldOutLoss(dataset(partOf(0, 2, []), 2), model, batches)).toBeUndefined();
});

it('is the loss of a batch, of a part that is held whole', async () => {
  const asked: unknown[] = [];
  const loss = await heldOutLoss(dataset(partOf(5, 2, asked), 2), model, batches);
  expect(asked).toEqual([{ batchSize: 5, shuffled: false }]);
  expect(tf.tidy(() => loss?.().dataSync()[0])).toBeCloseTo(Math.log(4), 5);
  loss?.dispose();
});

it('holds as many examples of a larger part as fit in its bytes, by the seed', async () => {
  const asked: unknown[] = [];
  const width = heldOutBytes / 4 / 3;
  // What it is given is never that large here.
  const part = { ...partOf(7, 1, asked), inputShape: [1] };
  (await heldOutLoss(dataset(part, width), model, batches))?.dispose();
  expect(asked).toEqual([{ batchSize: 3, shuffled: true }]);
});
