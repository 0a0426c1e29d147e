import { FlatminError } from '@flatmin/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Box, Mix } from './drawMix.js';

/** Values and targets, examples first. */
interface Examples {
  readonly x: tf.Tensor;
  /** As the loss takes it, so that two can be added up: rows that sum to 1 of classes, numbers in regression. */
  readonly target: tf.Tensor;
}

/**
 * The examples of a batch mixed with their partners, in tensors of their own. With lambda 1 nothing is computed, so
 * that they are the same bit for bit.
 *
 * @throws FlatminError DATA_INVALID for values that are no measures, such as ids of tokens.
 */
export function mixBatch({ x, target }: Examples, { lambda, partners, box }: Mix): Examples {
  requireMeasures(x);
  if (lambda === 1) return { x: x.clone(), target: target.clone() };
  return tf.tidy(() => {
    const rows = tf.tensor1d(Int32Array.from(partners), 'int32');
    const others = tf.gather(x, rows);
    return {
      x: box === undefined ? blended(x, others, lambda) : pasted(x, others, box),
      target: blended(target, tf.gather(target, rows), lambda),
    };
  });
}

const blended = (own: tf.Tensor, others: tf.Tensor, lambda: number): tf.Tensor =>
  tf.add(tf.mul(own, lambda), tf.mul(others, 1 - lambda));

/** Chosen, not multiplied by ones and zeros: each pixel is one of the two, bit for bit. */
function pasted(own: tf.Tensor, others: tf.Tensor, { top, bottom, left, right }: Box): tf.Tensor {
  const [, height = 0, width = 0] = own.shape;
  const inside = (i: number): boolean => {
    const [row, column] = [Math.floor(i / width), i % width];
    return row >= top && row < bottom && column >= left && column < right;
  };
  const mask = Uint8Array.from({ length: height * width }, (_, i) => (inside(i) ? 1 : 0));
  return tf.where(tf.tensor(mask, [1, height, width, 1], 'bool'), others, own);
}

/** A data set that has no vocabulary to say so may still give numbers that stand for something else. */
function requireMeasures(x: tf.Tensor): void {
  if (x.dtype === 'float32') return;
  throw new FlatminError(
    'DATA_INVALID',
    `mix got a batch whose x is ${x.dtype}, numbers that stand for something and have nothing between them. Leave mix out, or use ` +
      'data of float32.',
  );
}
