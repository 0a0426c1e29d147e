import * as tf from '@tensorflow/tfjs-core';
import { constant } from './initializers.js';
import type { Weights } from './weights.js';

const epsilon = 1e-6;

/**
 * Layer normalization (Ba et al. 2016, arXiv:1607.06450): each row of x [rows, width] gets mean 0 and variance 1
 * (divided by n; 1e-6 is added to it), then y = gamma x + beta, both [width].
 *
 * Cost on the native backend: 11 ops forward, 13 for all gradients, where TensorFlow.js would take 14 and 43.
 */
export function layerNorm(weights: Weights, width: number): (x: tf.Tensor2D) => tf.Tensor2D {
  const gamma = weights.trained('gamma', [width], constant(1));
  const beta = weights.trained('beta', [width], constant(0));
  return (x) => normalizedRows(x, gamma, beta);
}

function normalizedRows(x: tf.Tensor2D, gamma: tf.Tensor, beta: tf.Tensor): tf.Tensor2D {
  // What a custom gradient saves is cut off from the tape: within a second derivative each op counts for itself.
  if (tf.engine().state.gradientDepth > 1) return scaled(standardized(x).rows, gamma, beta);
  const withGradient = tf.customGrad((...given) => {
    const save = given.pop() as tf.GradSaveFunc;
    const { rows, inverse } = standardized(x);
    save([rows, inverse, gamma]);
    return { value: scaled(rows, gamma, beta), gradFunc: gradients };
  });
  return withGradient(x, gamma, beta);
}

/** dx = inverse (d - mean d - rows mean(d rows)), where d = dy gamma; dgamma = sum dy rows, dbeta = sum dy. */
function gradients(dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] {
  const [rows, inverse, gamma] = saved as [tf.Tensor, tf.Tensor, tf.Tensor];
  const d = tf.mul(dy, gamma);
  const along = tf.mul(rows, tf.mean(tf.mul(d, rows), 1, true));
  const dx = tf.mul(tf.sub(tf.sub(d, tf.mean(d, 1, true)), along), inverse);
  return [dx, tf.sum(tf.mul(dy, rows), 0), tf.sum(dy, 0)];
}

function standardized(x: tf.Tensor2D): { readonly rows: tf.Tensor2D; readonly inverse: tf.Tensor } {
  const distances = tf.sub<tf.Tensor2D>(x, tf.mean(x, 1, true));
  const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(distances), 1, true), epsilon));
  return { rows: tf.mul(distances, inverse), inverse };
}

function scaled(rows: tf.Tensor2D, gamma: tf.Tensor, beta: tf.Tensor): tf.Tensor2D {
  return tf.add(tf.mul(rows, gamma), beta);
}
