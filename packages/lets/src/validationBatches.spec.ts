import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs';
import { validationBatches, validationRows } from './validationBatches.js';

/** The rows of a batch, as its loss: sum of 10^row, so that the digits tell which rows there were. */
const rowsAsDigits = (x: tf.Tensor): tf.Scalar => tf.tidy(() => tf.sum<tf.Scalar>(tf.pow(10, x)));
const read = (loss: () => tf.Scalar): number => tf.tidy(() => Math.round(loss().dataSync()[0] as number));
const digits = (value: number): string => [...String(value).padStart(5, '0')].reverse().join('');

describe('validationBatches of tensors', () => {
  it('goes round all rows, each once a round, in an order fixed by the seed', () => {
    const x = tf.tensor1d([0, 1, 2, 3, 4]);
    const before = tf.memory().numTensors;
    const loss = validationBatches({ x, y: x, batchSize: 2, seed: 3 }, rowsAsDigits);
    const rounds = Array.from({ length: 6 }, () => read(loss));
    expect(digits(rounds.slice(0, 3).reduce((sum, value) => sum + value))).toBe('11111');
    expect(rounds.slice(3)).toEqual(rounds.slice(0, 3));
    const again = validationBatches({ x, y: x, batchSize: 2, seed: 3 }, rowsAsDigits);
    again.position = 1;
    expect(read(again)).toBe(rounds[1]);
    const held = tf.memory().numTensors;
    for (let i = 0; i < 50; i++) read(loss);
    expect(tf.memory().numTensors).toBe(held);
    loss.dispose();
    again.dispose();
    expect(tf.memory().numTensors).toBe(before);
    x.dispose();
  });

  it('case 32: takes ready batches without a copy, and those of the same rows are the same', () => {
    const x = tf.tensor1d([0, 1, 2, 3, 4]);
    const cut = validationBatches({ x, y: x, batchSize: 2, seed: 3 }, rowsAsDigits);
    const batches = validationRows(5, 2, 3).map((rows) => ({ xs: tf.tensor1d(rows), ys: tf.tensor1d(rows) }));
    const before = tf.memory().numTensors;
    const ready = validationBatches({ batches }, rowsAsDigits);
    expect(tf.memory().numTensors).toBe(before);
    for (let i = 0; i < 6; i++) expect(read(ready)).toBe(read(cut));
    ready.dispose();
    expect(tf.memory().numTensors).toBe(before - 6);
    expect(() => validationBatches({ batches: [] }, rowsAsDigits)).toThrow(/got no batches/);
    cut.dispose();
    x.dispose();
  });

  it.each([
    [[0, 2], [0, 1], 64],
    [[3, 2], [4, 1], 64],
    [[3, 2], [3, 1], 0],
  ])('refuses x %o, y %o, batchSize %i', (x, y, batchSize) => {
    const tensors = { x: tf.zeros(x), y: tf.zeros(y) };
    expect(() => validationBatches({ ...tensors, batchSize }, rowsAsDigits)).toThrow(
      /validationBatches got x of shape \[/,
    );
    tf.dispose(tensors);
  });
});

describe('validationBatches of a tf.data dataset', () => {
  const dataset = (rows: number[]) =>
    tf.data.generator(function* () {
      for (const row of rows) yield { xs: tf.tensor1d([row]), ys: tf.tensor1d([row]) };
    });

  it('holds batches ready, refills them between steps, starts again at the end', async () => {
    const before = tf.memory().numTensors;
    const loss = await validationBatches(dataset([0, 1, 2]), rowsAsDigits, { prefetch: 2 });
    const seen: number[] = [];
    for (let i = 0; i < 7; i++) {
      seen.push(read(loss));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(seen).toEqual([1, 10, 100, 1, 10, 100, 1]);
    loss.dispose();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(tf.memory().numTensors).toBe(before);
  });

  it('goes round the ready ones in a loop that never awaits', async () => {
    const loss = await validationBatches(dataset([0, 1, 2]), rowsAsDigits, { prefetch: 2 });
    expect([read(loss), read(loss), read(loss)]).toEqual([1, 10, 1]);
    loss.dispose();
  });

  it('refuses an empty dataset by name', async () => {
    await expect(validationBatches(dataset([]), rowsAsDigits)).rejects.toThrow(/validation dataset is empty/);
  });
});
