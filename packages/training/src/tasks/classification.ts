import * as tf from '@tensorflow/tfjs-core';
import { crossEntropyPerExample, encodeLabels } from './crossEntropy.js';
import { added } from './added.js';
import type { TaskMethods } from './task.js';

/** Softmax cross-entropy of logits [batch, classes] and classes [batch]. */
export const classification: TaskMethods = {
  encode: (y, { classes, labelSmoothing }) => encodeLabels(y as tf.Tensor1D, classes, labelSmoothing),
  outputs: (model, x, _, training) => model.apply(x, { training }),
  perExample: (logits, target) => crossEntropyPerExample(target as tf.Tensor2D, logits as tf.Tensor2D),
  labels: (target) => tf.argMax(target, 1),
  sums: (logits, y) => sumsOfLogits(logits as tf.Tensor2D, y as tf.Tensor1D),
  metrics: (batches) => {
    const [count = 0, loss = 0, right = 0] = added(batches);
    return { loss: loss / count, accuracy: right / count };
  },
  answers: (logits) => tf.argMax(logits, 1),
};

/** [rows, summed loss, right answers]; of the rows with weight 1 where there are weights. */
export function sumsOfLogits(logits: tf.Tensor2D, y: tf.Tensor1D, weights: tf.Tensor1D = tf.onesLike(y)): tf.Tensor1D {
  const counted = tf.cast(weights, 'float32');
  const losses = crossEntropyPerExample(encodeLabels(y, logits.shape[1]), logits);
  const right = tf.cast(tf.equal(tf.argMax(logits, 1), y), 'float32');
  return tf.stack([tf.sum(counted), tf.sum(tf.mul(losses, counted)), tf.sum(tf.mul(right, counted))]) as tf.Tensor1D;
}
