import { declareMoments } from '@flatmin/core';
import * as tf from '@tensorflow/tfjs-core';
import type { ImageLayer } from './convolution.js';
import { constant } from './initializers.js';
import type { Weights } from './weights.js';

/** By how much of its distance to a new batch a moving average moves, and what is added to variances. */
const rate = 0.1;
const epsilon = 1e-5;

/**
 * A kernel that a backend may have: inputs x [batch, height, width, channels], gamma and beta [channels], attribute
 * epsilon; outputs y, mean and variance of the batch (divided by n), and what its gradient needs. `@flatmin/backend`
 * registers it for the native backend.
 */
const fusedKernel = 'flatmin/BatchNormTraining';

interface NormalizedBatch {
  readonly y: tf.Tensor4D;
  readonly mean: tf.Tensor1D;
  readonly variance: tf.Tensor1D;
}

/**
 * Batch normalization of images (Ioffe & Szegedy 2015, arXiv:1502.03167): y = gamma (x - mean) / sqrt(variance + 1e-5)
 * + beta for each channel, all four [channels]. In training, mean and variance are those of the batch, and the moving
 * averages move a tenth of the way towards them (with the variance divided by n, as in TensorFlow.js); otherwise mean
 * and variance are the moving averages.
 *
 * Cost on the native backend in training: two ops forward, six for the averages, one for all gradients.
 */
export function batchNorm(weights: Weights, channels: number): ImageLayer {
  const gamma = weights.trained('gamma', [channels], constant(1));
  const beta = weights.trained('beta', [channels], constant(0));
  const movingMean = weights.statistic('moving_mean', [channels], constant(0));
  const movingVariance = weights.statistic('moving_variance', [channels], constant(1));
  declareMoments(movingMean, movingVariance, rate);
  return (x, training) => {
    if (!training) {
      const [mean, variance, offset, scale] = [movingMean, movingVariance, beta, gamma] as unknown as tf.Tensor1D[];
      return tf.batchNorm4d(x, mean as tf.Tensor1D, variance as tf.Tensor1D, offset, scale, epsilon);
    }
    const { y, mean, variance } = normalizedByBatch(x, gamma, beta);
    moveTowards(movingMean, mean);
    moveTowards(movingVariance, variance);
    return y;
  };
}

function moveTowards(average: tf.Variable, value: tf.Tensor): void {
  average.assign(tf.sub(average, tf.mul(tf.sub(average, value), rate)));
}

function normalizedByBatch(x: tf.Tensor4D, gamma: tf.Tensor, beta: tf.Tensor): NormalizedBatch {
  const isFusible =
    tf.getKernel(fusedKernel, tf.getBackend()) !== undefined &&
    // The variance of a single value is 0 / 0 to the kernel.
    x.size > x.shape[3] &&
    // Its gradient has no gradient of its own: within a second derivative, every op has to have one.
    tf.engine().state.gradientDepth < 2;
  return isFusible ? fusedByBatch(x, gamma, beta) : portableByBatch(x, gamma, beta);
}

function fusedByBatch(x: tf.Tensor4D, gamma: tf.Tensor, beta: tf.Tensor): NormalizedBatch {
  const outputs: tf.Tensor[] = tf.engine().runKernel(fusedKernel, { x, gamma, beta }, { epsilon });
  const [y, mean, variance] = outputs as [tf.Tensor4D, tf.Tensor1D, tf.Tensor1D];
  return { y, mean, variance };
}

/** The same in ops that every backend has. */
export function portableByBatch(x: tf.Tensor4D, gamma: tf.Tensor, beta: tf.Tensor): NormalizedBatch {
  const { mean, variance } = tf.moments(x, [0, 1, 2]);
  const scale = tf.mul(gamma, tf.rsqrt(tf.add(variance, epsilon)));
  const y = tf.add<tf.Tensor4D>(tf.mul(tf.sub(x, mean), scale), beta);
  return { y, mean: mean as tf.Tensor1D, variance: variance as tf.Tensor1D };
}
