import { linear, uniformOf, type Weights } from '@flatmin/model-blocks';
import * as tf from '@tensorflow/tfjs-core';

export interface HalvingShape {
  readonly inputs: number;
  readonly outputs: number;
  /** Positions that the kernel covers. */
  readonly size: number;
}

/** How many positions a sequence of `length` has after {@link halvingConvolution}; below 1 where it is too short. */
export function halved(length: number, size: number): number {
  return Math.floor((length + 2 - size) / 2) + 1;
}

/**
 * A convolution along sequences [batch, length, inputs], with bias, a zero before and a zero after the sequence, and a
 * stride of 2. The kernel is [size x inputs, outputs], position by position.
 *
 * A matrix product of all windows, so that backends without gradients of convolutions train it: two positions in a row
 * make a pair, and a window is whole pairs side by side, and of the last one its first half where `size` is odd.
 */
export function halvingConvolution(
  weights: Weights,
  { inputs, outputs, size }: HalvingShape,
): (x: tf.Tensor3D) => tf.Tensor3D {
  const initial = uniformOf(size * inputs);
  const product = linear(weights, { inputs: size * inputs, outputs, initial, initialBias: initial });
  const parts = Math.ceil(size / 2);
  return (x) => {
    const [batch, length] = x.shape;
    const positions = halved(length, size);
    const count = positions + parts - 1;
    const padded = tf.pad(x, [
      [0, 0],
      [1, 2 * count - 1 - length],
      [0, 0],
    ]);
    const pairs = tf.reshape(padded, [batch, count, 2 * inputs]);
    const part = (p: number) => tf.slice(pairs, [0, p, 0], [batch, positions, Math.min(2, size - 2 * p) * inputs]);
    const windows = tf.concat(Array.from({ length: parts }, (_, p) => part(p)), 2); // prettier-ignore
    return tf.reshape(product(tf.reshape(windows, [batch * positions, size * inputs])), [batch, positions, outputs]);
  };
}
