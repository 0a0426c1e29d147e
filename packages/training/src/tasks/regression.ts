import * as tf from '@tensorflow/tfjs-core';
import type { TaskMethods } from './task.js';

const numbers = (outputs: tf.Tensor): tf.Tensor1D => tf.reshape(outputs, [-1]);

/** The squared error of outputs [batch, 1] and targets [batch], both as the data set scales them. */
export const regression: TaskMethods = {
  // A copy, as those of the other tasks are: who takes it frees it.
  encode: (y) => tf.cast(y, 'float32'),
  outputs: (model, x, _, training) => model.apply(x, { training }),
  perExample: (outputs, target) => tf.squaredDifference(numbers(outputs), target),
  sums: (outputs, y) => {
    const differences = tf.sub(numbers(outputs), y);
    // Targets from a number near them: their squares could be too large to show how they differ.
    const origin = tf.mean(y);
    const around = tf.sub(y, origin);
    const sums = [tf.sum(tf.square(differences)), tf.sum(tf.abs(differences)), origin];
    return tf.stack([tf.scalar(y.size), ...sums, tf.sum(around), tf.sum(tf.square(around))]) as tf.Tensor1D;
  },
  metrics: (batches, scale) => {
    let [count, squares, distances] = [0, 0, 0];
    let targets: Spread = { count: 0, mean: 0, squares: 0 };
    for (const [size = 0, square = 0, distance = 0, origin = 0, sum = 0, sumOfSquares = 0] of batches) {
      count += size;
      squares += square;
      distances += distance;
      const mean = origin + sum / size;
      targets = joined(targets, { count: size, mean, squares: sumOfSquares - (sum * sum) / size });
    }
    const unit = scale?.deviation ?? 1;
    return {
      loss: squares / count,
      meanAbsoluteError: (unit * distances) / count,
      rootMeanSquaredError: unit * Math.sqrt(squares / count),
      ...(targets.squares > 0 && { r2: 1 - squares / targets.squares }),
    };
  },
  answers: numbers,
};

/** Mean of some numbers, and the sum of their squared differences from it. */
interface Spread {
  readonly count: number;
  readonly mean: number;
  readonly squares: number;
}

/** Of two groups together (Chan, Golub and LeVeque 1983). */
function joined(a: Spread, b: Spread): Spread {
  const count = a.count + b.count;
  const difference = b.mean - a.mean;
  return {
    count,
    mean: a.mean + (difference * b.count) / count,
    squares: a.squares + b.squares + (difference * difference * a.count * b.count) / count,
  };
}
