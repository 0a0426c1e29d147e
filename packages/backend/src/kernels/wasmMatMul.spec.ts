import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs';
import { loadBackend } from '../index.js';

let before = '';
beforeAll(async () => {
  before = tf.getBackend();
  await loadBackend('wasm');
});
afterAll(() => tf.setBackend(before));

const shape = (rows: number, columns: number, transposed: boolean): [number, number] =>
  transposed ? [columns, rows] : [rows, columns];

describe('matMul on wasm, as loadBackend leaves it', () => {
  it.each([
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ])('gives the product with transposeA %s, transposeB %s', (transposeA, transposeB) => {
    // Entries i and 10 j: element (i, j) of the product is a sum over k that is worked out here in plain numbers.
    const a = tf.range(0, 6).reshape(shape(2, 3, transposeA));
    const b = tf.range(0, 12).reshape(shape(3, 4, transposeB));
    const at = (matrix: tf.Tensor, i: number, j: number, flip: boolean): number =>
      (matrix.arraySync() as number[][])[flip ? j : i]?.[flip ? i : j] as number;
    const expected = [0, 1].map((i) =>
      [0, 1, 2, 3].map((j) => [0, 1, 2].reduce((sum, k) => sum + at(a, i, k, transposeA) * at(b, k, j, transposeB), 0)),
    );
    expect(tf.matMul(a, b, transposeA, transposeB).arraySync()).toEqual(expected);
  });

  it('leaves batches of matrices to the original', () => {
    const a = tf.range(0, 12).reshape([2, 3, 2]);
    const product = tf.matMul(a, a, true, false);
    // First batch [[0, 1], [2, 3], [4, 5]]: a^T a = [[20, 26], [26, 35]].
    expect(product.shape).toEqual([2, 2, 2]);
    expect([...product.dataSync()].slice(0, 4)).toEqual([20, 26, 26, 35]);
  });

  it('keeps no memory of the flipped matrices', () => {
    const a = tf.ones<tf.Rank.R2>([3, 3]);
    const count = (): number => tf.engine().backend.numDataIds();
    const data = count();
    tf.matMul(a, a, true, true).dispose();
    expect(count()).toBe(data);
  });
});
