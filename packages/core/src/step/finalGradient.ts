import * as tf from '@tensorflow/tfjs-core';
import type { ParameterInfo } from '../variant/parameters.js';
import { norm, scale, type WeightVector } from '../tensors/weightVector.js';
import type { OptimizerSetup } from './setup.js';

/** The axes of a kernel but for that of its output; none where it has one axis. */
function inputAxes({ name, role, shape }: ParameterInfo): readonly number[] {
  if (role !== 'kernel' || shape.length < 2) return [];
  const outputs = name.includes('depthwise_kernel') ? 2 : 1; // [height, width, input, multiplier]: an output for each pair.
  return shape.slice(outputs).map((_, axis) => axis);
}

/**
 * Gradient centralization: from each kernel's gradient its mean over all axes but the output's. Two ops for each kernel
 * of rank two or more; others are as they were.
 *
 *     g <- g - mean of g over the inputs of each output
 *
 * Yong, Huang, Hua, Zhang, "Gradient Centralization", ECCV 2020, arXiv 2004.01461.
 */
export function centralized(gradient: WeightVector, parameters: readonly ParameterInfo[]): WeightVector {
  return gradient.map((tensor, i) => {
    const axes = inputAxes(parameters[i] as ParameterInfo);
    return axes.length === 0 ? tensor : tf.sub(tensor, tf.mean(tensor, [...axes], true));
  });
}

/** The gradient scaled down to the norm `limit` where it is longer (PyTorch's clip_grad_norm_, its 1e-6 included). */
export function clipped(gradient: WeightVector, limit: number): WeightVector {
  return scale(gradient, tf.minimum(1, tf.div(limit, tf.add(norm(gradient), 1e-6))));
}

/** What of a small change of the final gradient reaches the step of the base: all that is linear on the way there. */
export function reaching(
  change: WeightVector,
  { centralize, groups }: Pick<OptimizerSetup, 'centralize' | 'groups'>,
  parameters: readonly ParameterInfo[],
): WeightVector {
  const central = centralize ? centralized(change, parameters) : change;
  if (groups === undefined) return central;
  return central.map((tensor, i) => {
    const { learningRate = 1 } = parameters[i] as ParameterInfo;
    return learningRate === 1 ? tensor : tf.mul(tensor, learningRate);
  });
}
