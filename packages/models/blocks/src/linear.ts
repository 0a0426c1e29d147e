import * as tf from '@tensorflow/tfjs-core';
import { constant } from './initializers.js';
import type { Initializer, Weights } from './weights.js';

/** `inputs` to `outputs` units. */
export interface LinearShape {
  readonly inputs: number;
  readonly outputs: number;
  /** Draws the kernel. */
  readonly initial: Initializer;
  /** Default true. */
  readonly bias?: boolean;
  /** Draws the bias; default 0. */
  readonly initialBias?: Initializer;
}

/**
 * A dense layer, y = x kernel + bias: x float32 [rows, inputs], kernel [inputs, outputs], bias [outputs]. Two ops:
 * tf.fused.matMul is not used, as its gradient takes more of them.
 */
export function linear(weights: Weights, shape: LinearShape): (x: tf.Tensor2D) => tf.Tensor2D {
  const { inputs, outputs, initial, initialBias = constant(0) } = shape;
  const kernel = weights.trained('kernel', [inputs, outputs], initial);
  if (shape.bias === false) return (x) => tf.matMul(x, kernel);
  const bias = weights.trained('bias', [outputs], initialBias);
  return (x) => tf.add(tf.matMul(x, kernel), bias);
}
