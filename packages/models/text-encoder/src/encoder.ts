import {
  type AttentionShape,
  dropout,
  gelu,
  layerNorm,
  linear,
  paddingMask,
  selfAttention,
  type Sequences,
  truncatedNormal,
  type Weights,
} from '@flatmin/model-blocks';
import * as tf from '@tensorflow/tfjs-core';
import { disentangledAttention } from './disentangledAttention.js';
import { distanceRows } from './distances.js';
import { embeddings } from './embeddings.js';
import type { EncoderSizes, TextShape } from './sizes.js';

/** What a pass knows besides the sequences. */
interface Pass {
  readonly training: boolean;
  readonly mask: tf.Tensor;
  /** Of disentangled attention, the rows of the distances. */
  readonly distances: tf.Tensor2D | undefined;
}

/** The encoder of a model, and the table of its tokens. */
export interface Encoder {
  readonly tokens: tf.Variable;
  /**
   * The sequences of ids int32 [batch, length], through all blocks.
   *
   * @param mask added to scores; default one that hides padding.
   */
  readonly encode: (ids: tf.Tensor2D, training: boolean, mask?: tf.Tensor) => Sequences;
}

/** As in BERT's code, all kernels and embeddings. */
export const initial = truncatedNormal(0.02);

/** Embeddings, then `depth` blocks. */
export function encoder(weights: Weights, sizes: EncoderSizes, text: TextShape): Encoder {
  const { attention, width, depth, positions } = sizes;
  const embed = embeddings(weights, sizes, text);
  const distances =
    attention === 'disentangled'
      ? distanceRows(weights.at('distance'), { span: positions, width, initial })
      : undefined;
  const dropDistances = dropout(weights.at('distance'), sizes.dropout);
  const blocks = Array.from({ length: depth }, (_, i) => block(weights.at(`block${i + 1}`), sizes));
  return {
    tokens: embed.tokens,
    encode: (ids, training, mask = paddingMask(ids)) => {
      const start = embed.embed(ids, training);
      const rows = distances && (dropDistances(distances(start.length), training) as tf.Tensor2D);
      const pass = { training, mask, distances: rows };
      return blocks.reduce((sequences, each) => each(sequences, pass), start);
    },
  };
}

/** z = norm(z + drop(attention(z))); z = norm(z + drop(mlp(z))). */
function block(weights: Weights, sizes: EncoderSizes): (sequences: Sequences, pass: Pass) => Sequences {
  const { width, mlpRatio, dropout: rate } = sizes;
  const hidden = mlpRatio * width;
  const attend = attentionOf(weights.at('attention'), sizes);
  const drop1 = dropout(weights.at('dropout1'), rate);
  const norm1 = layerNorm(weights.at('norm1'), width);
  const widen = linear(weights.at('mlp1'), { inputs: width, outputs: hidden, initial });
  const narrow = linear(weights.at('mlp2'), { inputs: hidden, outputs: width, initial });
  const drop2 = dropout(weights.at('dropout2'), rate);
  const norm2 = layerNorm(weights.at('norm2'), width);
  return (sequences, pass) => {
    const attended = norm1(tf.add(sequences.rows, drop1(attend(sequences, pass), pass.training)));
    const mixed = narrow(gelu(widen(attended)));
    return { ...sequences, rows: norm2(tf.add(attended, drop2(mixed, pass.training))) };
  };
}

function attentionOf(weights: Weights, sizes: EncoderSizes): (sequences: Sequences, pass: Pass) => tf.Tensor2D {
  const { width, heads } = sizes;
  const shape: AttentionShape = { width, heads, initial };
  const dropShares = dropout(weights.at('shares'), sizes.dropout);
  const options = ({ mask, training }: Pass) => ({ mask, drop: (shares: tf.Tensor) => dropShares(shares, training) });
  if (sizes.attention === 'bert') {
    const attend = selfAttention(weights, shape);
    return (sequences, pass) => attend(sequences, options(pass));
  }
  const attend = disentangledAttention(weights, shape);
  return (sequences, pass) => attend(sequences, { ...options(pass), distances: pass.distances as tf.Tensor2D });
}
