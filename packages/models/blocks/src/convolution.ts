import * as tf from '@tensorflow/tfjs-core';
import { heNormal } from './initializers.js';
import type { Weights } from './weights.js';

/** A layer on images [batch, height, width, channels]; some do something else in training. */
export type ImageLayer = (x: tf.Tensor4D, training: boolean) => tf.Tensor4D;

/** One layer after the other. */
export function chain(...layers: readonly ImageLayer[]): ImageLayer {
  return (x, training) => layers.reduce((y, layer) => layer(y, training), x);
}

/** max(0, x). */
export const relu: ImageLayer = (x) => tf.relu(x);

export interface ConvolutionShape {
  readonly inputs: number;
  readonly outputs: number;
  /** Height and width of the kernel: an odd number. */
  readonly size: number;
  /** Default 1. */
  readonly stride?: number;
}

/**
 * A convolution without bias, for networks where a normalization follows: kernel [size, size, inputs, outputs], drawn
 * as by He et al. for the outputs ({@link heNormal}).
 *
 * The input is padded by (size - 1) / 2 zeros on each side, as in the papers' code: with a stride, TensorFlow's 'same'
 * pads one side more than the other, which shifts the image by a pixel. Height and width become ceil(height / stride),
 * ceil(width / stride).
 */
export function convolution(weights: Weights, { inputs, outputs, size, stride = 1 }: ConvolutionShape): ImageLayer {
  const kernel = weights.trained('kernel', [size, size, inputs, outputs], heNormal(size * size * outputs));
  const filter = kernel as unknown as tf.Tensor4D;
  // At a stride of 1 'same' is even too, and one op.
  if (stride === 1 || size === 1) return (x) => tf.conv2d(x, filter, stride, 'same');
  const pad = (size - 1) / 2;
  return (x) => tf.conv2d(padded(x, pad), filter, stride, 'valid');
}

/** Zeros around images. */
export function padded(x: tf.Tensor4D, pad: number): tf.Tensor4D {
  return tf.pad(x, [
    [0, 0],
    [pad, pad],
    [pad, pad],
    [0, 0],
  ]);
}
