import { axesWithinOutput, type ParameterInfo } from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';

/**
 * The length of each filter, which is what makes one output or a row of an embedding, to be multiplied with the
 * weights; biases and other vectors are one filter each.
 */
export function filterNorm(weight: tf.Tensor, parameter: ParameterInfo): tf.Tensor {
  const axes = weight.rank < 2 ? undefined : axesWithinOutput(parameter);
  return tf.sqrt(tf.sum(tf.square(weight), axes, true));
}

/** The sum over each filter; in biases and other vectors each weight is by itself. */
export function filterSum(values: tf.Tensor, parameter: ParameterInfo): tf.Tensor {
  return values.rank < 2 ? values : tf.sum(values, axesWithinOutput(parameter), true);
}
