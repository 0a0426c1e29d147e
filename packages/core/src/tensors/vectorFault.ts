import type * as tf from '@tensorflow/tfjs-core';
import { show } from '../errors/errors.js';
import { isTensor } from './stateTree.js';
import type { WeightVector } from './weightVector.js';

/** What is wrong with a tensor that belongs to a weight: it would be broadcast, converted, or is gone. `at` says where it is in a list. */
export function tensorFault(tensor: tf.Tensor, { shape, dtype }: tf.Tensor, at = ''): string | undefined {
  if (tensor.isDisposed) return `is a disposed tensor${at}`;
  if (tensor.dtype !== dtype) return `is ${tensor.dtype}${at}, the variable ${dtype}`;
  const [given, wanted] = [tensor.shape.join(', '), shape.join(', ')];
  return given === wanted ? undefined : `has shape [${given}]${at}, the variable [${wanted}]`;
}

/**
 * What is wrong with what should be one tensor per weight, in its shape; undefined where nothing is. A smaller one would be broadcast.
 *
 * @returns continues a sentence: `has 2 tensors for 3 variables`.
 */
export function vectorFault(vector: unknown, weights: WeightVector): string | undefined {
  if (!Array.isArray(vector) || !vector.every(isTensor))
    return `is ${isTensor(vector) ? 'a tensor' : show(vector)}, not a list of tensors`;
  if (vector.length !== weights.length) return `has ${vector.length} tensors for ${weights.length} variables`;
  for (const [i, weight] of weights.entries()) {
    const fault = tensorFault(vector[i] as tf.Tensor, weight, ` at ${i}`);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** The same of what should be a scalar. */
export function scalarFault(value: unknown): string | undefined {
  if (!isTensor(value)) return `is ${show(value)}, not a scalar`;
  if (value.isDisposed) return 'is a disposed tensor';
  if (value.shape.length > 0) return `has shape [${value.shape.join(', ')}], not that of a scalar`;
  return value.dtype === 'string' || value.dtype === 'complex64' ? `is of type ${value.dtype}, no number` : undefined;
}
