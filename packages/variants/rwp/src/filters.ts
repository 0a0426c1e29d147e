import type { ParameterInfo } from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';

/**
 * The axes within one filter. A filter is what makes one output: PyTorch has its outputs first, TF.js last. Rows of an
 * embedding are filters in both; a depthwise kernel [height, width, in, multiplier] has in * multiplier of them.
 */
function axesWithin({ name, role, shape }: ParameterInfo): number[] {
  const axes = shape.map((_, axis) => axis);
  if (role === 'embedding') return axes.slice(1);
  return axes.slice(0, /(^|\/)depthwise_kernel(_\d+)?$/.test(name) ? -2 : -1);
}

/** The length of each filter, to be multiplied with the weights; biases and other vectors are one filter each. */
export function filterNorm(weight: tf.Tensor, parameter: ParameterInfo): tf.Tensor {
  const axes = weight.rank < 2 ? undefined : axesWithin(parameter);
  return tf.sqrt(tf.sum(tf.square(weight), axes, true));
}

/** The sum over each filter; in biases and other vectors each weight is by itself. */
export function filterSum(values: tf.Tensor, parameter: ParameterInfo): tf.Tensor {
  return values.rank < 2 ? values : tf.sum(values, axesWithin(parameter), true);
}
