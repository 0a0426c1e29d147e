import type { RandomStream } from '@flatmin/core';
import { batchNorm, constant, layerNorm, type Weights } from '@flatmin/model-blocks';
import * as tf from '@tensorflow/tfjs-core';

export type Activation = 'relu' | 'tanh';
export const activations = ['relu', 'tanh'] as const satisfies readonly Activation[];

export type Normalization = 'none' | 'batch' | 'layer';
export const normalizations = ['none', 'batch', 'layer'] as const satisfies readonly Normalization[];

/** A layer on values [batch, in]. */
export type DenseLayer = (x: tf.Tensor2D, training: boolean) => tf.Tensor2D;

export interface DenseShape {
  readonly inputs: number;
  readonly outputs: number;
}

/**
 * x W + b: a normal kernel [in, out] of standard deviation sqrt(2 / in) for relu, sqrt(2 / (in + out)) for tanh, drawn
 * from `random`; a zero bias [out].
 */
export function dense(
  weights: Weights,
  { inputs, outputs }: DenseShape,
  activation: Activation,
  random: RandomStream,
): DenseLayer {
  const deviation = Math.sqrt(2 / (activation === 'relu' ? inputs : inputs + outputs));
  // Scaled here and not on the backend, so that the bits are the same on each.
  const kernel = weights.trained('kernel', [inputs, outputs], (_, size) =>
    Float32Array.from(random.normals(size), (value) => value * deviation),
  );
  const bias = weights.trained('bias', [outputs], constant(0));
  return (x) => tf.add(tf.matMul(x, kernel as unknown as tf.Tensor2D), bias);
}

/** Normalization of each unit over the batch, or of each example over its units. */
export function normalized(weights: Weights, units: number, normalization: Normalization): DenseLayer {
  if (normalization === 'none') return (x) => x;
  if (normalization === 'layer') return layerNorm(weights, units);
  const norm = batchNorm(weights, units);
  return (x, training) => tf.reshape(norm(tf.reshape(x, [-1, 1, 1, units]), training), [-1, units]);
}
