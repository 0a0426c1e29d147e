import * as tf from '@tensorflow/tfjs-core';
import { halfSumOfSquares } from './nativeOps.js';
import { show } from '../errors/errors.js';
import { isTensor, sumOf } from './tensors.js';

/** One tensor per trainable variable, in the optimizer's own (first seen) order. */
export type WeightVector = readonly tf.Tensor[];

/**
 * Added to a norm before dividing by it. In float32 it only matters if the norm is exactly zero, which then gives a
 * zero direction, and with it the plain base step.
 */
export const normEpsilon = 1e-12;

/** Sum of scalars in one op. */
function total(scalars: tf.Tensor[]): tf.Scalar {
  return (scalars.length === 1 ? scalars[0] : sumOf(scalars)) as tf.Scalar;
}

/** <a, b> over all tensors as one long vector: 2 n + 1 ops for n tensors. */
export function dot(a: WeightVector, b: WeightVector): tf.Scalar {
  return a === b ? squaredNorm(a) : total(a.map((tensor, i) => tf.tidy(() => tf.sum(tf.mul(tensor, at(b, i))))));
}

/**
 * The squared global L2 norm over all tensors as one long vector, never per tensor: n + 2 ops on the native backend.
 */
export function squaredNorm(vector: WeightVector): tf.Scalar {
  return tf.mul(total(vector.map(halfSumOfSquares)), 2);
}

/** The global L2 norm over all tensors: n + 3 ops on the native backend. */
export function norm(vector: WeightVector): tf.Scalar {
  return tf.sqrt(squaredNorm(vector));
}

/** factor * vector: n ops. */
export function scale(vector: WeightVector, factor: tf.Scalar | number): WeightVector {
  const by = scalarOf(factor);
  return vector.map((tensor) => tf.mul(tensor, by));
}

/** a + b: n ops. */
export function add(a: WeightVector, b: WeightVector): WeightVector {
  return a.map((tensor, i) => tf.add(tensor, at(b, i)));
}

/** a - b: n ops. */
export function sub(a: WeightVector, b: WeightVector): WeightVector {
  return a.map((tensor, i) => tf.sub(tensor, at(b, i)));
}

/** a * b, element by element: n ops. */
export function mul(a: WeightVector, b: WeightVector): WeightVector {
  return a.map((tensor, i) => tf.mul(tensor, at(b, i)));
}

/** alpha * x + y: 2 n ops. */
export function axpy(alpha: tf.Scalar | number, x: WeightVector, y: WeightVector): WeightVector {
  const by = scalarOf(alpha);
  // What one tensor needs on the way is freed before the next: no temporary copy of the weights.
  return x.map((tensor, i) => tf.tidy(() => tf.add(tf.mul(tensor, by), at(y, i))));
}

/** a * x + b * y: 3 n ops. */
export function weightedSum(
  a: tf.Scalar | number,
  x: WeightVector,
  b: tf.Scalar | number,
  y: WeightVector,
): WeightVector {
  const [byA, byB] = [scalarOf(a), scalarOf(b)];
  return x.map((tensor, i) => tf.tidy(() => tf.add(tf.mul(tensor, byA), tf.mul(at(y, i), byB))));
}

/** vector / (length + 1e-12), where `length` is its norm unless another is given: n + 2 ops beyond the norm. */
export function normalize(vector: WeightVector, length: tf.Scalar = norm(vector)): WeightVector {
  return scale(vector, tf.div(1, tf.add(length, normEpsilon)));
}

/**
 * `vector` scaled to the length `rho`: rho * vector / (||vector|| + 1e-12), as the offset of SAM; n + 2 ops beyond the
 * norm.
 */
export function ofLength(vector: WeightVector, rho: tf.Scalar): WeightVector {
  return scale(vector, tf.div(rho, tf.add(norm(vector), normEpsilon)));
}

/** ||a|| / (||b|| + 1e-12). */
export function normRatio(a: WeightVector, b: WeightVector): tf.Scalar {
  return tf.div(norm(a), tf.add(norm(b), normEpsilon));
}

/** The weighted mean of vectors; the weights sum to 1. */
export function mean(vectors: readonly WeightVector[], weights: readonly (number | tf.Scalar)[]): WeightVector {
  if (vectors.length === 1) return vectors[0] as WeightVector;
  const scaled = vectors.map((vector, i) => scale(vector, weights[i] as number | tf.Scalar));
  return (scaled[0] as WeightVector).map((_, j) => sumOf(scaled.map((vector) => at(vector, j))));
}

/** `vector` minus its component along `along`, and the squared length of `along`: a zero `along` removes nothing. */
export function projectOut(
  vector: WeightVector,
  along: WeightVector,
): { readonly rest: WeightVector; readonly squaredLength: tf.Scalar } {
  const squaredLength = squaredNorm(along);
  const share = tf.div<tf.Scalar>(dot(along, vector), tf.add(squaredLength, 1e-20));
  return { rest: axpy(tf.neg(share), along, vector), squaredLength };
}

/**
 * The derivative of `projectOut(vector, along).rest`, from those of the two; none of `vector` is zero. With
 * s = <vector, along> / ||along||^2 it is d vector - s d along - ds along: 6 n ops and a few.
 */
export function projectOutDerivative(
  { vector, along }: { readonly vector: WeightVector; readonly along: WeightVector },
  change: { readonly vector?: WeightVector; readonly along: WeightVector },
): WeightVector {
  const squaredLength = tf.add<tf.Scalar>(squaredNorm(along), 1e-20);
  const share = tf.div<tf.Scalar>(dot(vector, along), squaredLength);
  const ofAlong = tf.sub(dot(vector, change.along), tf.mul(tf.mul(2, share), dot(along, change.along)));
  const ofBoth = change.vector === undefined ? ofAlong : tf.add(dot(change.vector, along), ofAlong);
  const lost = weightedSum(share, change.along, tf.div<tf.Scalar>(ofBoth, squaredLength), along);
  return change.vector === undefined ? scale(lost, -1) : sub(change.vector, lost);
}

/** Zeros of the same shapes. */
export function zerosLike(vector: WeightVector): WeightVector {
  return vector.map((tensor) => tf.zerosLike(tensor));
}

function scalarOf(factor: tf.Scalar | number): tf.Scalar {
  return typeof factor === 'number' ? tf.scalar(factor) : factor;
}

function at(vector: WeightVector, index: number): tf.Tensor {
  const tensor = vector[index];
  if (tensor === undefined)
    throw new RangeError(`weight vectors of different lengths: no element ${index} of ${vector.length}`);
  return tensor;
}

/**
 * What is wrong with a tensor that belongs to a weight: it would be broadcast, converted, or is gone. `at` says where
 * it is in a list.
 */
export function tensorFault(tensor: tf.Tensor, { shape, dtype }: tf.Tensor, at = ''): string | undefined {
  if (tensor.isDisposed) return `is a disposed tensor${at}`;
  if (tensor.dtype !== dtype) return `is ${tensor.dtype}${at}, the variable ${dtype}`;
  const [given, wanted] = [tensor.shape.join(', '), shape.join(', ')];
  return given === wanted ? undefined : `has shape [${given}]${at}, the variable [${wanted}]`;
}

/**
 * What is wrong with what should be one tensor per weight, in its shape; undefined where nothing is. A smaller one
 * would be broadcast.
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
  if (value.shape.length > 0) return `has shape [${value.shape.join(', ')}], and is not a scalar`;
  return value.dtype === 'string' || value.dtype === 'complex64'
    ? `is of type ${value.dtype}, not a number`
    : undefined;
}
