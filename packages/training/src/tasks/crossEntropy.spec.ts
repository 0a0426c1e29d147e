import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { crossEntropyPerExample, encodeLabels } from './crossEntropy.js';

const logitsOf = (rows: number[][]): tf.Tensor2D => tf.tensor2d(rows);
const lossOf = (rows: number[][], classes: number[]): number[] => {
  const logits = logitsOf(rows);
  const loss = crossEntropyPerExample(encodeLabels(tf.tensor1d(classes, 'int32'), logits.shape[1]), logits);
  return [...loss.dataSync()];
};

describe('crossEntropyPerExample', () => {
  it('equals -log softmax, worked by hand', () => {
    // exp(0), exp(ln 2), exp(ln 5): shares 1/8, 2/8, 5/8.
    const row = [0, Math.log(2), Math.log(5)];
    const losses = lossOf([row, row, row], [0, 1, 2]);
    [8, 4, 8 / 5].forEach((inverse, i) => expect(losses[i]).toBeCloseTo(Math.log(inverse), 6));
  });

  it('takes labels that are ones and zeros of float32 on every backend', () => {
    const oneHot = encodeLabels(tf.tensor1d([2, 0], 'int32'), 3);
    expect(oneHot.dtype).toBe('float32');
    expect([...tf.add(oneHot, 0.5).dataSync()]).toEqual([0.5, 0.5, 1.5, 1.5, 0.5, 0.5]);
  });

  it('is finite for logits far outside the range of exp', () => {
    const losses = lossOf(
      [
        [1e4, 0, -1e4],
        [1e4, 0, -1e4],
        [-1e30, -1e30, -1e30],
      ],
      [0, 2, 1],
    );
    expect(losses[0]).toBe(0);
    expect(losses[1]).toBe(2e4);
    expect(losses[2]).toBeCloseTo(Math.log(3), 6);
  });

  it('has the gradient softmax - one-hot, weighted by dy', () => {
    const logits = logitsOf([
      [0, Math.log(2), Math.log(5)],
      [1e4, 0, 0],
    ]);
    const oneHot = encodeLabels(tf.tensor1d([1, 1], 'int32'), 3);
    const gradient = tf.grad((z) => crossEntropyPerExample(oneHot, z as tf.Tensor2D))(logits, tf.tensor1d([1, 10]));
    const expected = [1 / 8, 2 / 8 - 1, 5 / 8, 10, -10, 0];
    gradient.dataSync().forEach((value, i) => expect(value).toBeCloseTo(expected[i] as number, 6));
  });

  it('agrees with the loss of TensorFlow.js', () => {
    const logits = tf.randomNormal<tf.Rank.R2>([16, 10], 0, 3, 'float32', 7);
    const oneHot = encodeLabels(
      tf.tensor1d(
        Array.from({ length: 16 }, (_, i) => i % 10),
        'int32',
      ),
      10,
    );
    const ours = tf.mean(crossEntropyPerExample(oneHot, logits)).dataSync()[0];
    expect(ours).toBeCloseTo(tf.losses.softmaxCrossEntropy(oneHot, logits).dataSync()[0] as number, 5);
  });

  it('takes fewer ops than the loss of TensorFlow.js, forward and backward', async () => {
    const logits = tf.zeros<tf.Rank.R2>([4, 3]);
    const oneHot = encodeLabels(tf.tensor1d([0, 1, 2, 0], 'int32'), 3);
    // Identity moves no data, and a custom gradient is listed as a kernel of its own without being one.
    const kernels = async (loss: (z: tf.Tensor) => tf.Tensor): Promise<number> =>
      (await tf.profile(() => tf.grad(loss)(logits))).kernels.filter(({ name }) => /^(?!Identity)[A-Z]/.test(name))
        .length;
    const ours = await kernels((z) => crossEntropyPerExample(oneHot, z as tf.Tensor2D));
    const theirs = await kernels((z) => tf.losses.softmaxCrossEntropy(oneHot, z, undefined, 0, tf.Reduction.NONE));
    expect(ours).toBeLessThan(theirs);
    expect(ours).toBeLessThanOrEqual(13);
  });

  it('leaves no tensor behind', () => {
    const logits = logitsOf([[1, 2, 3]]);
    const oneHot = encodeLabels(tf.tensor1d([1], 'int32'), 3);
    const before = tf.memory().numTensors;
    tf.tidy(() => tf.grad((z) => crossEntropyPerExample(oneHot, z as tf.Tensor2D))(logits)).dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
