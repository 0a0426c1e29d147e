import { RandomStream, type Spec } from '@flatmin/core';
import type { ClassificationDataSet, DataPart } from '@flatmin/core/plugin';
import { validationRows } from '@flatmin/lets';
import type { AnyModel } from '@flatmin/training';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { officialContainer } from 'flatmin/node';
import { heldOutBytes, heldOutLoss } from './heldOutLoss.js';

let tensors = 0;
beforeEach(() => {
  tensors = tf.memory().numTensors;
});
afterEach(() => expect(tf.memory().numTensors).toBe(tensors));

/**
 * Rows of `width` values, each the number of the row, one column shorter in batches of odd number; says how it was
 * read.
 */
function partOf(size: number, width: number, asked: unknown[], ids = false): DataPart {
  return {
    size,
    async *batches({ batchSize, shuffle }) {
      asked.push({ batchSize, shuffled: shuffle !== undefined });
      const order = shuffle?.permutation(size) ?? Uint32Array.from({ length: size }, (_, i) => i);
      for (let start = 0; start < size; start += batchSize) {
        const rows = [...order.slice(start, start + batchSize)];
        const columns = ids && (start / batchSize) % 2 === 1 ? width - 1 : width;
        const x = rows.map((row) => new Array<number>(columns).fill(row));
        const y = rows.map((row) => row % 2);
        yield { x: tf.tensor2d(x, undefined, ids ? 'int32' : 'float32'), y: tf.tensor1d(y, 'int32') };
      }
    },
  };
}

const dataset = (part: DataPart, width: number): ClassificationDataSet => ({
  id: 'ones', inputShape: [width], classes: 2, train: part, validation: part, test: part,
}); // prettier-ignore
/** Logits 0 and log(1 + row): the loss is log(2 + row) for class 0, log((2 + row) / (1 + row)) for class 1. */
const model = {
  apply: (x: tf.Tensor) =>
    tf.tidy(() => {
      const row = tf.cast(tf.slice2d(x as tf.Tensor2D, [0, 0], [-1, 1]), 'float32');
      return tf.concat([tf.zerosLike(row), tf.log1p(row)], 1);
    }),
} as AnyModel;
const batches = { batchSize: 2, seed: 1 };
const lossOfRow = (row: number): number => (row % 2 === 0 ? Math.log(2 + row) : Math.log((2 + row) / (1 + row)));
const read = (loss: (() => tf.Scalar) | undefined): number => tf.tidy(() => loss?.().dataSync()[0] as number);

it('is nothing without held-out examples', () => {
  expect(heldOutLoss(dataset(partOf(0, 2, []), 2), model, batches)).toBeUndefined();
});

it('case 32: reads nothing before it is loaded', () => {
  const asked: unknown[] = [];
  const loss = heldOutLoss(dataset(partOf(5, 2, asked), 2), model, batches);
  expect([asked, loss?.position]).toEqual([[], 0]);
  expect(() => loss?.()).toThrow(/asked for before it was loaded/);
  loss?.dispose();
});

it('is the loss of the batches that validationBatches makes of the same tensors', async () => {
  const asked: unknown[] = [];
  const part = partOf(601, 2, asked);
  const loss = heldOutLoss(dataset(part, 2), model, { batchSize: 64, seed: 1 });
  await loss?.load();
  expect(asked).toEqual([{ batchSize: 256, shuffled: false }]);
  const rows = validationRows(601, 64, 1);
  for (const each of [...rows, rows[0] as Int32Array]) {
    const mean = [...each].reduce((sum, row) => sum + lossOfRow(row), 0) / each.length;
    expect(read(loss)).toBeCloseTo(mean, 4);
  }
  expect(loss?.position).toBe(rows.length + 1);
  loss?.dispose();
});

it('fills rows of ids up to the longest', async () => {
  const part = partOf(600, 3, [], true);
  const widths: number[] = [];
  const watched = { apply: (x: tf.Tensor) => (widths.push(x.shape[1] as number), model.apply(x)) } as AnyModel;
  const loss = heldOutLoss(dataset(part, 3), watched, { batchSize: 200, seed: 1 });
  await loss?.load();
  const rows = validationRows(600, 200, 1);
  for (const each of rows) {
    expect(read(loss)).toBeCloseTo([...each].reduce((sum, row) => sum + lossOfRow(row), 0) / 200, 4);
  }
  expect(widths).toEqual([3, 3, 3]);
  loss?.dispose();
});

it('holds as many examples of a larger part as fit in its bytes, by the seed', async () => {
  const asked: unknown[] = [];
  const width = heldOutBytes / 4 / 3;
  // What it is given is never that large here.
  const loss = heldOutLoss(dataset(partOf(7, 1, asked), width), model, batches);
  await loss?.load();
  expect(asked).toEqual([{ batchSize: 256, shuffled: true }]);
  const order = new RandomStream(1).at('held out').permutation(7);
  for (const each of validationRows(3, 2, 1)) {
    const mean = [...each].reduce((sum, row) => sum + lossOfRow(order[row] as number), 0) / each.length;
    expect(read(loss)).toBeCloseTo(mean, 5);
  }
  loss?.dispose();
});

it('case 32: is loaded for an optimizer that takes it, and for no other', () => {
  const container = officialContainer();
  const base = { use: 'sgd', learningRate: 0.1 };
  const takes = (spec: Spec): boolean => {
    const optimizer = container.createOptimizer(spec, { validationLoss: () => tf.scalar(0) });
    const found = optimizer.takesValidationLoss;
    optimizer.dispose();
    return found;
  };
  const lets = { use: 'lets', inner: { use: 'sam', base } };
  for (const spec of [
    lets,
    { use: 'rst', inner: lets },
    { ...lets, inner: { use: 'rst', inner: { use: 'sam', base } } },
  ]) {
    expect(takes(spec)).toBe(true);
  }
  for (const spec of [
    base,
    { use: 'sam', base },
    { use: 'sam', every: 2, base },
    { use: 'rst', inner: { use: 'sam', base } },
  ]) {
    expect(takes(spec)).toBe(false);
  }
});
