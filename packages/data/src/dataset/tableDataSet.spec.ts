import { RandomStream } from '@flatmin/core';
import type { Batch, BatchOptions, DataPart } from '@flatmin/core/plugin';
import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { type SplitChoice, splitSchema, table, tableDataSet } from '../index.js';
import { numberedTable } from '../source/numberedTable.fixture.js';

/** The features of each batch; disposes the batches, as their receiver must. */
async function read(part: DataPart, options: BatchOptions) {
  const read: number[][] = [];
  for await (const { x, y } of part.batches(options)) {
    read.push([...x.dataSync()]);
    tf.dispose([x, y]);
  }
  return read;
}
/** Every row as [number, label]. */
async function rowsOf(part: DataPart) {
  const rows: [number, number][] = [];
  for await (const { x, y } of part.batches({ batchSize: 64 })) {
    x.dataSync().forEach((number, i) => rows.push([number, y.dataSync()[i] as number]));
    tf.dispose([x, y]);
  }
  return rows;
}
/** The test part, which is all of a table in its order. */
const partOf = (rows: ReturnType<typeof table>): DataPart =>
  tableDataSet({ id: 'n', train: rows, test: rows, choice: { validation: 0 } }).test;

describe('the parts of tableDataSet', () => {
  it('cut batches of [batch, ...inputShape] float32 and [batch] int32', async () => {
    const features = Float32Array.from({ length: 12 }, (_, i) => i / 2);
    const part = partOf(table({ features, labels: Int32Array.of(1, 0, 1), inputShape: [2, 2, 1], classes: 2 }));
    const batches: Batch[] = [];
    for await (const batch of part.batches({ batchSize: 2 })) batches.push(batch);
    expect(part.size).toBe(3);
    expect(batches.map(({ x, y }) => [x.shape, x.dtype, y.shape, y.dtype])).toEqual([
      [[2, 2, 2, 1], 'float32', [2], 'int32'],
      [[1, 2, 2, 1], 'float32', [1], 'int32'],
    ]);
    expect(batches.map(({ x }) => [...x.dataSync()])).toEqual([
      [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5],
      [4, 4.5, 5, 5.5],
    ]);
    expect(batches.map(({ y }) => [...y.dataSync()])).toEqual([[1, 0], [1]]);
    tf.dispose(batches.map(({ x, y }) => [x, y]));
  });

  it('go in natural order without a shuffle, and drop a smaller last batch when asked', async () => {
    const part = partOf(numberedTable(5));
    expect(await read(part, { batchSize: 2 })).toEqual([[0, 1], [2, 3], [4]]);
    expect(await read(part, { batchSize: 2, dropRemainder: true })).toEqual([
      [0, 1],
      [2, 3],
    ]);
    expect(await read(part, { batchSize: 5, dropRemainder: true })).toEqual([[0, 1, 2, 3, 4]]);
    expect(await read(part, { batchSize: 9 })).toEqual([[0, 1, 2, 3, 4]]);
    expect(await read(part, { batchSize: 9, dropRemainder: true })).toEqual([]);
    const { test } = tableDataSet({ id: 'n', train: numberedTable(3), choice: { validation: 0 } });
    expect(await read(test, { batchSize: 2 })).toEqual([]);
  });

  it('shuffle by the stream: the same again, another for another child, labels kept to their rows', async () => {
    const part = partOf(numberedTable(20, 7));
    const epoch = (n: number) => read(part, { batchSize: 8, shuffle: new RandomStream(1).at('epoch').at(n) });
    const first = await epoch(0);
    expect(first.flat()).toEqual([...new RandomStream(1).at('epoch').at(0).permutation(20)]);
    expect(await epoch(0)).toEqual(first);
    expect(await epoch(1)).not.toEqual(first);
    for await (const { x, y } of part.batches({ batchSize: 8, shuffle: new RandomStream(2) })) {
      expect([...y.dataSync()]).toEqual([...x.dataSync()].map((row) => row % 7));
      tf.dispose([x, y]);
    }
  });

  it('allocate two tensors a batch and nothing else, also when the loop is left early', async () => {
    const part = partOf(numberedTable(10));
    const before = tf.memory().numTensors;
    for await (const { x, y } of part.batches({ batchSize: 4, shuffle: new RandomStream(1) })) {
      expect(tf.memory().numTensors).toBe(before + 2);
      tf.dispose([x, y]);
      break;
    }
    expect(tf.memory().numTensors).toBe(before);
  });

  it('never hand out the arrays of the table', async () => {
    const features = Float32Array.of(0, 1, 2);
    const labels = Int32Array.of(0, 1, 0);
    for await (const { x, y } of partOf(table({ features, labels, inputShape: [1], classes: 2 })).batches({
      batchSize: 3,
    })) {
      x.dataSync().fill(9);
      y.dataSync().fill(9);
      tf.dispose([x, y]);
    }
    expect([...features, ...labels]).toEqual([0, 1, 2, 0, 1, 0]);
  });

  it.each([0, -1, 1.5, NaN])('refuse the batch size %p at the call', (batchSize) => {
    expect(() => partOf(numberedTable(3)).batches({ batchSize })).toThrow(
      expect.objectContaining({ code: 'DATA_INVALID', message: expect.stringContaining(`batchSize is ${batchSize}`) }),
    );
  });
});

describe('tableDataSet', () => {
  const [train, test] = [numberedTable(100, 10), numberedTable(20, 10)];
  const made = (choice?: SplitChoice) => tableDataSet({ id: 'numbers', train, test, choice });
  const wrong = async (part: DataPart) => (await rowsOf(part)).filter(([row, label]) => label !== row % 10).length;
  const wrongOf = async ({ train, validation, test }: ReturnType<typeof made>) =>
    Promise.all([train, validation, test].map(wrong));

  it('describes the data and has the three parts', () => {
    const choice = { validation: 0.2, seed: 1 };
    const data = tableDataSet({ id: 'numbers', train: numberedTable(10, 4), testFraction: 0.3, choice });
    expect([data.id, data.task, data.inputShape, data.classes]).toEqual(['numbers', 'classification', [1], 4]);
    expect([data.train.size, data.validation.size, data.test.size]).toEqual([5, 2, 3]);
  });

  it('holds a tenth out of the training rows, without noise, where nothing is asked', async () => {
    const data = made();
    expect([data.train.size, data.validation.size, data.test.size]).toEqual([90, 10, 20]);
    expect(await wrongOf(data)).toEqual([0, 0, 0]);
    expect((await rowsOf(data.test)).map(([row]) => row)).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });

  it('puts noise of the exact rate in train and validation only', async () => {
    expect(await wrongOf(made({ validation: 0.2, labelNoise: { rate: 0.3 } }))).toEqual([24, 6, 0]);
  });

  it("draws the noise by its own seed, else by the data set's; the split stays", async () => {
    const rows = (seed: number, noiseSeed?: number) =>
      rowsOf(made({ seed, labelNoise: { rate: 0.5, ...(noiseSeed === undefined ? {} : { seed: noiseSeed }) } }).train);
    const [own, other] = [await rows(1), await rows(1, 2)];
    expect(own).toEqual(await rows(1, 1));
    expect(other.map(([row]) => row)).toEqual(own.map(([row]) => row));
    expect(other).not.toEqual(own);
  });

  it('gives from code what the checked options give', async () => {
    const given = { labelNoise: { rate: 0.4 } };
    const parsed = z.strictObject(splitSchema).parse(given);
    expect(await rowsOf(made(parsed).train)).toEqual(await rowsOf(made(given).train));
  });

  it.each([
    ['test rows of more classes', { test: numberedTable(3, 3) }, /the test rows have shape \[1\] and 3 classes/],
    [
      'validation rows of another shape',
      {
        validation: table({
          features: new Float32Array(3),
          labels: new Int32Array(3),
          inputShape: [1, 1],
          classes: 2,
        }),
      },
      /the validation rows have shape \[1,1\]/,
    ],
  ])('refuses %s', (_, more, message) => {
    expect(() => tableDataSet({ id: 'n', train: numberedTable(10), ...more })).toThrow(
      expect.objectContaining({ code: 'DATA_INVALID', message: expect.stringMatching(message) }),
    );
  });
});
