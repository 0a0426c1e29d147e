import * as tf from '@tensorflow/tfjs-core';
import { timesEach } from '../variant/offsetScales.js';
import { axesWithinOutput, type ParameterInfo } from '../variant/parameters.js';
import { norm, scale, type WeightVector } from '../tensors/weightVector.js';
import type { OptimizerSetup } from './setup.js';

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
    const parameter = parameters[i] as ParameterInfo;
    if (parameter.role !== 'kernel' || tensor.rank < 2) return tensor;
    return tf.sub(tensor, tf.mean(tensor, axesWithinOutput(parameter), true));
  });
}

/** The gradient scaled down to the norm `limit` where it is longer (PyTorch's clip_grad_norm_, its 1e-6 included). */
function clipped(gradient: WeightVector, limit: number): WeightVector {
  return scale(gradient, tf.minimum(1, tf.div(limit, tf.add(norm(gradient), 1e-6))));
}

/** What the base gets of a gradient: centralized, then clipped. */
export function finalGradient(
  gradient: WeightVector,
  { centralize, clipNorm }: Pick<OptimizerSetup, 'centralize' | 'clipNorm'>,
  parameters: readonly ParameterInfo[],
): WeightVector {
  const central = centralize ? centralized(gradient, parameters) : gradient;
  return clipNorm === undefined ? central : clipped(central, clipNorm);
}

/** What of a small change of the final gradient reaches the step of the base: all that is linear on the way there. */
export function reaching(
  change: WeightVector,
  { centralize, groups }: Pick<OptimizerSetup, 'centralize' | 'groups'>,
  parameters: readonly ParameterInfo[],
): WeightVector {
  const central = centralize ? centralized(change, parameters) : change;
  if (groups === undefined) return central;
  return timesEach(
    central,
    parameters.map(({ learningRate = 1 }) => learningRate),
  );
}
