import { type AttentionShape, attended, linear, type Sequences, type Weights } from '@flatmin/model-blocks';
import * as tf from '@tensorflow/tfjs-core';
import { byPair } from './distances.js';

export interface DisentangledOptions {
  /** 0 for what may be read and -1e9 for what may not: [batch, 1, 1, positions], or [positions, positions] for all. */
  readonly mask: tf.Tensor;
  /** [2 length, width]: rows for the distances length - 1, ..., -length. */
  readonly distances: tf.Tensor2D;
  /** Drops some of the shares that positions take of each other. */
  readonly drop: (shares: tf.Tensor) => tf.Tensor;
}

/**
 * Disentangled self-attention (He et al. 2021, arXiv:2006.03654, equation 4): of each head
 *
 *     A_ij = Qc_i Kc_j' + Qc_i Kr_delta(i,j)' + Kc_j Qr_delta(j,i)',   softmax(A / sqrt(3 width / heads) + mask) Vc,
 *
 * where Qc, Kc, Vc come from what stands at the positions, Kr and Qr from the distances, delta(i, j) is that of i - j;
 * then a dense layer `out`. As in the authors' code, `key` and `distance_key` have no bias.
 *
 * @returns rows [batch x length, width], without the residual.
 */
export function disentangledAttention(
  weights: Weights,
  { width, heads, initial }: AttentionShape,
): (sequences: Sequences, options: DisentangledOptions) => tf.Tensor2D {
  const dense = (name: string, bias = true) =>
    linear(weights.at(name), { inputs: width, outputs: width, initial, bias });
  const query = dense('query');
  const value = dense('value');
  const key = dense('key', false);
  const distanceKey = dense('distance_key', false);
  const distanceQuery = dense('distance_query');
  const out = dense('out');
  const scale = 1 / Math.sqrt((3 * width) / heads);
  return ({ rows, batch, length }, { mask, distances, drop }) => {
    const of = (given: tf.Tensor2D) => byHead(given, [batch, length], heads) as tf.Tensor4D;
    const ofDistance = (given: tf.Tensor2D) => byHead(given, [2 * length], heads) as tf.Tensor3D;
    const queries = of(tf.mul(query(rows), scale));
    const [keys, values] = [of(key(rows)), of(value(rows))];
    const keyOfDistance = ofDistance(distanceKey(distances));
    const queryOfDistance = ofDistance(tf.mul(distanceQuery(distances), scale));
    const contentToPosition = scoresByPair(queries, keyOfDistance);
    const positionToContent = tf.transpose(scoresByPair(keys, queryOfDistance), [0, 1, 3, 2]);
    const position = tf.add(tf.add(contentToPosition, positionToContent), headsFirst(mask));
    const mixed = attended(queries, { keys, values }, { mask: position, drop });
    return out(tf.reshape(tf.transpose(mixed, [1, 2, 0, 3]), [batch * length, width]));
  };
}

/** Rows as [heads, ...places, columns / heads]: heads first, as distances are of no batch. */
function byHead(rows: tf.Tensor2D, places: readonly number[], heads: number): tf.Tensor {
  const [count, width] = rows.shape;
  const each = width / heads;
  const byHeads = tf.transpose(tf.reshape(rows, [count, heads, each]), [1, 0, 2]);
  return tf.reshape(byHeads, [heads, ...places, each]);
}

/**
 * The products of [heads, batch, n, each] with those of the distances [heads, 2n, each], as [heads, batch, n, n] by
 * pairs.
 */
function scoresByPair(content: tf.Tensor4D, ofDistance: tf.Tensor3D): tf.Tensor4D {
  const [heads, batch, n, each] = content.shape;
  const scores = tf.matMul(tf.reshape(content, [heads, batch * n, each]), ofDistance, false, true);
  return tf.reshape(byPair(tf.reshape(scores, [heads * batch, n, 2 * n])), [heads, batch, n, n]);
}

/** A mask for [heads, batch, n, n] of one for [batch, heads, n, n]. */
function headsFirst(mask: tf.Tensor): tf.Tensor {
  return mask.rank === 4 ? tf.reshape(mask, [1, mask.shape[0], 1, mask.shape[3] as number]) : mask;
}
