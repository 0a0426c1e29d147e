import { specialTokens } from '@flatmin/core/plugin';
import { dropout, embedding, layerNorm, type Sequences, truncatedNormal, type Weights } from '@flatmin/model-blocks';
import * as tf from '@tensorflow/tfjs-core';
import type { EncoderSizes, TextShape } from './sizes.js';

const initial = truncatedNormal(0.02);

/** The embeddings of a model, and the table of its tokens. */
export interface Embeddings {
  readonly tokens: tf.Variable;
  embed(ids: tf.Tensor2D, training: boolean): Sequences;
}

/**
 * The rows of ids int32 [batch, length], normalized, dropped: of the token, and with attention as in BERT also of the
 * position and of the segment, the first or the second text. Disentangled attention sees positions by itself.
 */
export function embeddings(weights: Weights, sizes: EncoderSizes, text: TextShape): Embeddings {
  const { attention, width, positions } = sizes;
  const tokens = embedding(weights.at('token'), { count: text.vocabulary, width, initial });
  const position = attention === 'bert' ? positionsOf(weights.at('position'), width, positions) : undefined;
  const segment =
    position && text.task !== 'language-modelling' ? segmentRows(weights.at('segment'), width) : undefined;
  const norm = layerNorm(weights.at('norm'), width);
  const drop = dropout(weights.at('dropout'), sizes.dropout);
  return {
    tokens: tokens.table,
    embed: (ids, training) => {
      const [batch, length] = ids.shape;
      const ofTokens = tokens.lookUp(ids);
      const placed = position?.(ofTokens, length) ?? ofTokens;
      const rows = segment === undefined ? placed : tf.add<tf.Tensor2D>(placed, segment(ids));
      return { rows: drop(norm(rows), training) as tf.Tensor2D, batch, length };
    },
  };
}

/** Adds to rows [batch x length, width] one for each position. */
function positionsOf(
  weights: Weights,
  width: number,
  positions: number,
): (rows: tf.Tensor2D, length: number) => tf.Tensor2D {
  const table = weights.trained('embeddings', [positions, width], initial) as unknown as tf.Tensor2D;
  return (rows, length) => {
    const sequences = tf.reshape(rows, [-1, length, width]);
    return tf.reshape(tf.add(sequences, tf.slice(table, [0, 0], [length, width])), rows.shape);
  };
}

/**
 * Rows [batch x length, width]: one up to the first `end`, which stands between the texts of a pair, another behind it.
 */
function segmentRows(weights: Weights, width: number): (ids: tf.Tensor2D) => tf.Tensor2D {
  const table = weights.trained('embeddings', [2, width], initial) as unknown as tf.Tensor2D;
  return (ids) => {
    const ends = tf.cast(tf.equal(ids, specialTokens.end), 'int32');
    const segments = tf.minimum(tf.cumsum(ends, 1, true), tf.scalar(1, 'int32'));
    return tf.matMul(tf.oneHot(tf.reshape(segments, [ids.size]), 2), table);
  };
}
