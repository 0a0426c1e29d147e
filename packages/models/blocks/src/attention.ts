import * as tf from '@tensorflow/tfjs-core';
import { linear } from './linear.js';
import type { Initializer, Weights } from './weights.js';

export interface AttentionShape {
  readonly width: number;
  /** Divides `width`. */
  readonly heads: number;
  readonly initial: Initializer;
}

/** Sequences as rows [batch x length, width], which is what dense layers take, and how many there are. */
export interface Sequences {
  readonly rows: tf.Tensor2D;
  readonly batch: number;
  readonly length: number;
}

/**
 * Self-attention with several heads (Vaswani et al. 2017, arXiv:1706.03762): of each head, softmax(Q K' / sqrt(width / heads)) V over the
 * positions of a sequence, then a dense layer. Q, K and V come from one dense layer `qkv` with bias, the last is `out`.
 *
 * @returns rows [batch x length, width], without the residual.
 */
export function selfAttention(
  weights: Weights,
  { width, heads, initial }: AttentionShape,
): (sequences: Sequences) => tf.Tensor2D {
  const qkv = linear(weights.at('qkv'), { inputs: width, outputs: 3 * width, initial });
  const out = linear(weights.at('out'), { inputs: width, outputs: width, initial });
  const each = width / heads;
  return ({ rows, batch, length }) => {
    const parts = tf.reshape(qkv(rows), [batch, length, 3, heads, each]);
    const [query, key, value] = tf.unstack(tf.transpose(parts, [2, 0, 3, 1, 4])) as [tf.Tensor, tf.Tensor, tf.Tensor];
    const scores = tf.matMul(tf.mul(query, 1 / Math.sqrt(each)), key, false, true);
    const mixed = tf.transpose(tf.matMul(tf.softmax(scores), value), [0, 2, 1, 3]);
    return out(tf.reshape(mixed, [batch * length, width]));
  };
}
