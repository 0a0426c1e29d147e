import { sam } from '@flatmin/sam';
import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { lets } from './plugin.js';

/** A loss that moves an average, as batch normalization does, and counts its calls. */
function movingLoss(w: tf.Variable, average: tf.Variable, to: number) {
  return (): tf.Scalar =>
    tf.tidy(() => {
      average.assign(tf.add(tf.mul(average, 0.5), 0.5 * to));
      return tf.sum<tf.Scalar>(tf.square(tf.sub(w, to)));
    });
}

describe('the statistics of a model under LETS', () => {
  it.each([
    ['warm', {}],
    ['paper', { preset: 'paper' as const }],
    ['robust', { preset: 'robust' as const }],
    ['exact curvature', { curvature: 'exact' as const }],
    ['next batch', { trainingBatch: 'next' as const }],
  ])('%s: move once per step, by the clean training pass alone', (_, settings) => {
    const w = tf.variable(tf.tensor1d([3, 2]));
    const average = tf.variable(tf.scalar(0), false);
    const base = { use: 'sgd', learningRate: 0.01 };
    const validationLoss = movingLoss(w, average, 100);
    const optimizer = lets(sam({ rho: 0.5, base }), { ...settings, validationLoss });
    const seen = Array.from({ length: 3 }, () => {
      optimizer.minimize(movingLoss(w, average, 1), false, [w]);
      return average.dataSync()[0];
    });
    // 0 -> 1/2 -> 3/4 -> 7/8: one pass of the training loss a step, none of the validation loss.
    expect(seen).toEqual([0.5, 0.75, 0.875]);
    optimizer.dispose();
    tf.dispose([w, average]);
  });
});
