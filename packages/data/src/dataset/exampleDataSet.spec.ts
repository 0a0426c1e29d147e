import { RandomStream } from '@flatmin/core';
import type { DataPart } from '@flatmin/core/plugin';
import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { arraySource, exampleDataSet, type ExampleSource } from '../index.js';

/** Example i has the values [i, i] and the label i mod classes. */
function examples(size: number, classes = 5): ExampleSource {
  const records = Array.from({ length: size }, (_, i) => Float32Array.of(i, i));
  return { ...arraySource(records), labels: Int32Array.from({ length: size }, (_, i) => i % classes) };
}
const made = (more: object = {}) =>
  exampleDataSet({ id: 'e', inputShape: [2], classes: 5, train: examples(100), test: examples(20), ...more });

async function read(part: DataPart, shuffle?: RandomStream) {
  const rows: (readonly [number, number])[] = [];
  for await (const { x, y } of part.batches({ batchSize: 7, ...(shuffle && { shuffle }) })) {
    expect([x.dtype, y.dtype, x.shape[1]]).toEqual(['float32', 'int32', 2]);
    const values = x.dataSync();
    y.dataSync().forEach((label, i) => rows.push([values[2 * i] as number, label]));
    tf.dispose([x, y]);
  }
  return rows;
}

describe('exampleDataSet', () => {
  it('splits official training examples, each to one part, labels kept to their values', async () => {
    const { train, validation, test } = made({ choice: { validation: 0.2 } });
    const rows = [...(await read(train)), ...(await read(validation))];
    expect(rows.map(([value]) => value).sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
    for (const [value, label] of [...rows, ...(await read(test))]) expect(label).toBe(value % 5);
    expect([train.size, validation.size, test.size]).toEqual([80, 20, 20]);
  });

  it('takes official validation examples whole, and leaves train whole', async () => {
    const { train, validation } = made({ validation: examples(9) });
    expect([train.size, validation.size]).toEqual([100, 9]);
  });

  it('puts label noise of the exact rate in train and validation, never in test', async () => {
    const { train, validation, test } = made({ choice: { validation: 0.2, labelNoise: { rate: 0.25 } } });
    const wrong = async (part: DataPart) => (await read(part)).filter(([value, label]) => label !== value % 5).length;
    expect([await wrong(train), await wrong(validation), await wrong(test)]).toEqual([20, 5, 0]);
  });

  it('gives prepare a stream in train alone, one an example and epoch, whatever the order', async () => {
    const data = made({
      prepare: (values: Float32Array, random?: RandomStream) =>
        Float32Array.of(values[0] as number, random?.generator()() ?? 0),
      choice: { validation: 0.2 },
    });
    const drawn = async (part: DataPart, shuffle?: RandomStream, batchSize = 7) => {
      const found = new Map<number, number>();
      for await (const { x, y } of part.batches({ batchSize, ...(shuffle && { shuffle }) })) {
        for (const [value, draw] of x.arraySync() as [number, number][]) found.set(value, draw);
        tf.dispose([x, y]);
      }
      return found;
    };
    const epoch = new RandomStream(1).at(0);
    const first = await drawn(data.train, epoch);
    expect(new Set(first.values()).size).toBe(80);
    expect(await drawn(data.train, epoch, 80)).toEqual(first);
    expect((await drawn(data.train, new RandomStream(1).at(1))).get(3)).not.toBe(first.get(3));
    for (const part of [await drawn(data.train), await drawn(data.validation, epoch), await drawn(data.test, epoch)]) {
      expect([...new Set(part.values())]).toEqual([0]);
    }
  });

  it('reads bytes as 255ths where nothing else is said', async () => {
    const bytes: ExampleSource = { ...arraySource([Uint8Array.of(255, 51)]), labels: Int32Array.of(1) };
    const { test } = made({ test: bytes });
    for await (const { x, y } of test.batches({ batchSize: 1 })) {
      expect([...x.dataSync()].map((v) => +v.toFixed(6))).toEqual([1, 0.2]);
      tf.dispose([x, y]);
    }
  });

  it('refuses what does not fit', async () => {
    const fails = (more: object) => expect(() => made(more)).toThrow(expect.objectContaining({ code: 'DATA_INVALID' }));
    fails({ train: { ...examples(100), labels: new Int32Array(99) } });
    fails({ test: { ...examples(20), labels: new Int32Array(20).fill(5) } });
    fails({ choice: { train: 91 } });
    fails({ choice: { test: 21 } });
    await expect(read(made({ inputShape: [3] }).test)).rejects.toMatchObject({ code: 'DATA_INVALID' });
  });
});
