import * as tf from '@tensorflow/tfjs-core';
import type { TaskMethods } from './methods.js';

const numbers = (outputs: tf.Tensor): tf.Tensor1D => tf.reshape(outputs, [-1]);

/** The squared error of outputs [batch, 1] and targets [batch]. */
export const regression: TaskMethods = {
  // A copy, as those of the other tasks are: who takes it frees it.
  encode: (y) => tf.cast(y, 'float32'),
  outputs: (model, x, _, training) => model.apply(x, { training }),
  perExample: (outputs, target) => tf.squaredDifference(numbers(outputs), target),
  sums: (outputs, y) => {
    const differences = tf.sub(numbers(outputs), y);
    const figures = [tf.scalar(y.size), tf.sum(tf.square(differences)), tf.sum(tf.abs(differences))];
    return tf.stack(figures) as tf.Tensor1D;
  },
  metrics: ([count = 0, squares = 0, distances = 0]) => ({
    loss: squares / count,
    meanAbsoluteError: distances / count,
  }),
  answers: numbers,
};
