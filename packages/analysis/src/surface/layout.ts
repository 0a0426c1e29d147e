import { describeParameters, type ParameterRoles } from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';
import type { SurfaceParameter } from './lossSurface.js';

/** Where the elements of variables stand in a flat vector of all of them. */
export function layoutOf(variables: readonly tf.Variable[], roles?: ParameterRoles): readonly SurfaceParameter[] {
  let end = 0;
  return describeParameters(variables, roles).map((parameter) => {
    const start = end;
    end += tf.util.sizeFromShape([...parameter.shape]);
    return { ...parameter, start, end };
  });
}

/** One flat tensor as tensors of the variables' shapes. */
export function unflattened(flat: tf.Tensor1D, parameters: readonly SurfaceParameter[]): tf.Tensor[] {
  const sizes = parameters.map(({ start, end }) => end - start);
  return tf.split(flat, sizes).map((piece, i) => tf.reshape(piece, [...(parameters[i] as SurfaceParameter).shape]));
}

/** Tensors of the variables' shapes as one flat tensor. */
export function flattened(tensors: readonly tf.Tensor[]): tf.Tensor1D {
  return tf.concat(tensors.map((tensor) => tf.reshape(tensor, [-1])));
}
