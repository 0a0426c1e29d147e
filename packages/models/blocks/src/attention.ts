import { specialTokens } from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';
import { linear } from './linear.js';
import type { Initializer, Weights } from './weights.js';

export interface AttentionShape {
  readonly width: number;
  /** Divides `width`. */
  readonly heads: number;
  /** Draws the kernels of queries, keys and values. */
  readonly initial: Initializer;
  /** Draws the kernel of `out`; default `initial`. */
  readonly initialOut?: Initializer;
}

/** Sequences as rows [batch x length, width], which is what dense layers take, and how many there are. */
export interface Sequences {
  readonly rows: tf.Tensor2D;
  readonly batch: number;
  readonly length: number;
}

/** What attention reads: [batch, heads, positions, width / heads] each. */
export interface KeysAndValues {
  readonly keys: tf.Tensor;
  readonly values: tf.Tensor;
}

export interface SharesOptions {
  /**
   * Added to the scores [batch, heads, queries, keys]: {@link paddingMask}, {@link causalMask}, their sum. None, no
   * operation.
   */
  readonly mask?: tf.Tensor | undefined;
  /** Changes the shares that each query takes of the values, which sum up to 1: dropout. */
  readonly drop?: ((shares: tf.Tensor) => tf.Tensor) | undefined;
}

export interface SelfAttentionOptions extends SharesOptions {
  /**
   * Receives the keys and values of these positions and returns those to attend to, for a decoder that keeps those of
   * earlier positions.
   */
  readonly read?: (fresh: KeysAndValues) => KeysAndValues;
}

export interface CrossAttention {
  /** What `memory` is read by, once for all queries. */
  readonly keysAndValues: (memory: Sequences) => KeysAndValues;
  /** Rows [batch x length, width] for the rows of `queries`, without the residual. */
  readonly attend: (queries: Sequences, memory: KeysAndValues, mask?: tf.Tensor) => tf.Tensor2D;
}

/** Small enough that its exponential is 0, and finite: where all is hidden, attention is even and not NaN. */
const hidden = -1e9;

/**
 * The mask that hides padding.
 *
 * @param ids int32 [batch, positions], padding 0.
 * @returns [batch, 1, 1, positions], 0 for what may be read and -1e9 for padding.
 */
export function paddingMask(ids: tf.Tensor2D): tf.Tensor4D {
  const [batch, positions] = ids.shape;
  return tf.reshape(tf.mul(tf.cast(tf.equal(ids, specialTokens.padding), 'float32'), hidden), [batch, 1, 1, positions]);
}

/** The mask that hides from each of `length` positions those after it: [length, length]. */
export function causalMask(length: number): tf.Tensor2D {
  const values = new Float32Array(length * length);
  for (let row = 0; row < length; row++) values.fill(hidden, row * length + row + 1, (row + 1) * length);
  return tf.tensor2d(values, [length, length]);
}

/**
 * Self-attention with several heads (Vaswani et al. 2017, arXiv:1706.03762): of each head, softmax(Q K' / sqrt(width /
 * heads) + mask) V over the positions of a sequence, then a dense layer. Q, K and V come from one dense layer `qkv`
 * with bias, the last is `out`.
 *
 * @returns rows [batch x length, width], without the residual.
 */
export function selfAttention(
  weights: Weights,
  { width, heads, initial, initialOut = initial }: AttentionShape,
): (sequences: Sequences, options?: SelfAttentionOptions) => tf.Tensor2D {
  const qkv = linear(weights.at('qkv'), { inputs: width, outputs: 3 * width, initial });
  const out = linear(weights.at('out'), { inputs: width, outputs: width, initial: initialOut });
  return (sequences, { mask, drop, read } = {}) => {
    const [queries, keys, values] = byHead(qkv(sequences.rows), sequences, 3, heads) as [
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
    ];
    return out(mixed(queries, read?.({ keys, values }) ?? { keys, values }, { mask, drop }));
  };
}

/**
 * Attention of one sequence to another, as {@link selfAttention}: queries by a dense layer `q` from the one, keys and
 * values by `kv` from the other.
 */
export function crossAttention(
  weights: Weights,
  { width, heads, initial, initialOut = initial }: AttentionShape,
): CrossAttention {
  const q = linear(weights.at('q'), { inputs: width, outputs: width, initial });
  const kv = linear(weights.at('kv'), { inputs: width, outputs: 2 * width, initial });
  const out = linear(weights.at('out'), { inputs: width, outputs: width, initial: initialOut });
  return {
    keysAndValues: (memory) => {
      const [keys, values] = byHead(kv(memory.rows), memory, 2, heads) as [tf.Tensor, tf.Tensor];
      return { keys, values };
    },
    attend: ({ rows, batch, length }, memory, mask) => {
      const asked = tf.transpose(tf.reshape(q(rows), [batch, length, heads, width / heads]), [0, 2, 1, 3]);
      return out(mixed(asked, memory, { mask }));
    },
  };
}

/** Rows of `parts` times the width, as that many tensors [batch, heads, length, width / heads]. */
function byHead(rows: tf.Tensor2D, { batch, length }: Sequences, parts: number, heads: number): tf.Tensor[] {
  const each = rows.shape[1] / (parts * heads);
  return tf.unstack(tf.transpose(tf.reshape(rows, [batch, length, parts, heads, each]), [2, 0, 3, 1, 4]));
}

/**
 * Softmax(queries keys' + mask) values: each [..., positions, width / heads], the queries scaled before.
 *
 * @returns [..., queries, width / heads].
 */
export function attended(
  queries: tf.Tensor,
  { keys, values }: KeysAndValues,
  { mask, drop }: SharesOptions = {},
): tf.Tensor {
  const scores = tf.matMul(queries, keys, false, true);
  const shares = tf.softmax(mask === undefined ? scores : tf.add(scores, mask));
  return tf.matMul(drop?.(shares) ?? shares, values);
}

/** Of queries [batch, heads, length, width / heads], the rows [batch x length, width]. */
function mixed(queries: tf.Tensor, memory: KeysAndValues, options: SharesOptions): tf.Tensor2D {
  const [batch, heads, length, each] = queries.shape as [number, number, number, number];
  const byHeads = attended(tf.mul(queries, 1 / Math.sqrt(each)), memory, options);
  return tf.reshape(tf.transpose(byHeads, [0, 2, 1, 3]), [batch * length, heads * each]);
}
