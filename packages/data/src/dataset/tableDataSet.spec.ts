import { RandomStream, type Batch, type BatchOptions } from '@flatmin/core';
import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { arrayDataSet, arrayPart, splitBySeed, table } from '../index.js';
import { numberedTable } from '../source/numberedTable.fixture.js';

/** The features of each batch; disposes the batches, as their receiver must. */
async function read(part: { batches(options: BatchOptions): AsyncIterable<Batch> }, options: BatchOptions) {
  const read: number[][] = [];
  for await (const { x, y } of part.batches(options)) {
    read.push([...x.dataSync()]);
    tf.dispose([x, y]);
  }
  return read;
}

describe('arrayPart', () => {
  it('cuts batches of [batch, ...inputShape] float32 and [batch] int32', async () => {
    const features = Float32Array.from({ length: 12 }, (_, i) => i / 2);
    const part = arrayPart(table({ features, labels: Int32Array.of(1, 0, 1), inputShape: [2, 2, 1], classes: 2 }));
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

  it('goes in natural order without a shuffle, and drops a smaller last batch when asked', async () => {
    const part = arrayPart(numberedTable(5));
    expect(await read(part, { batchSize: 2 })).toEqual([[0, 1], [2, 3], [4]]);
    expect(await read(part, { batchSize: 2, dropRemainder: true })).toEqual([
      [0, 1],
      [2, 3],
    ]);
    expect(await read(part, { batchSize: 5, dropRemainder: true })).toEqual([[0, 1, 2, 3, 4]]);
    expect(await read(part, { batchSize: 9 })).toEqual([[0, 1, 2, 3, 4]]);
    expect(await read(part, { batchSize: 9, dropRemainder: true })).toEqual([]);
    expect(
      await read(arrayPart(splitBySeed(numberedTable(3), { validation: 0, seed: 0 }).test), { batchSize: 2 }),
    ).toEqual([]);
  });

  it('shuffles by the stream: the same again, another for another child, labels kept to their rows', async () => {
    const part = arrayPart(numberedTable(20, 7));
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

  it('allocates two tensors a batch and nothing else, also when the loop is left early', async () => {
    const part = arrayPart(numberedTable(10));
    const before = tf.memory().numTensors;
    for await (const { x, y } of part.batches({ batchSize: 4, shuffle: new RandomStream(1) })) {
      expect(tf.memory().numTensors).toBe(before + 2);
      tf.dispose([x, y]);
      break;
    }
    expect(tf.memory().numTensors).toBe(before);
    const { x, y } = part.all();
    expect(tf.memory().numTensors).toBe(before + 2);
    tf.dispose([x, y]);
  });

  it('gives the whole part, and chosen rows, at once', () => {
    const part = arrayPart(numberedTable(4, 3));
    const [all, picked] = [part.all(), part.pick([3, 1])];
    expect([[...all.x.dataSync()], [...all.y.dataSync()]]).toEqual([
      [0, 1, 2, 3],
      [0, 1, 2, 0],
    ]);
    expect([[...picked.x.dataSync()], [...picked.y.dataSync()]]).toEqual([
      [3, 1],
      [0, 1],
    ]);
    tf.dispose([all.x, all.y, picked.x, picked.y]);
  });

  it('never hands out its own arrays', () => {
    const part = arrayPart(numberedTable(3));
    const { x, y } = part.all();
    x.dataSync().fill(9);
    y.dataSync().fill(9);
    expect([...part.table.features, ...part.table.labels]).toEqual([0, 1, 2, 0, 1, 0]);
    tf.dispose([x, y]);
  });

  it.each([0, -1, 1.5, NaN])('refuses the batch size %p at the call', (batchSize) => {
    expect(() => arrayPart(numberedTable(3)).batches({ batchSize })).toThrow(
      expect.objectContaining({ code: 'DATA_INVALID', message: expect.stringContaining(`batchSize is ${batchSize}`) }),
    );
  });

  it('refuses to pick a row it lacks, and leaves no tensor behind', () => {
    const before = tf.memory().numTensors;
    expect(() => arrayPart(numberedTable(3)).pick([0, 3])).toThrow(expect.objectContaining({ code: 'DATA_INVALID' }));
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('arrayDataSet', () => {
  it('describes the data and has the three parts', () => {
    const split = splitBySeed(numberedTable(10, 4), { validation: 0.2, test: 0.3, seed: 1 });
    const data = arrayDataSet('numbers', split);
    expect([data.id, data.inputShape, data.classes]).toEqual(['numbers', [1], 4]);
    expect([data.train.size, data.validation.size, data.test.size]).toEqual([5, 2, 3]);
    expect([data.train.table, data.validation.table, data.test.table]).toEqual([
      split.train,
      split.validation,
      split.test,
    ]);
  });
});
