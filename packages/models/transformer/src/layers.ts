import {
  type AttentionShape,
  crossAttention,
  type CrossAttention,
  dropout,
  type KeysAndValues,
  layerNorm,
  linear,
  selfAttention,
  type SelfAttentionOptions,
  type Sequences,
  type Weights,
  xavierUniform,
} from '@flatmin/model-blocks';
import * as tf from '@tensorflow/tfjs-core';

export interface LayerSizes {
  readonly width: number;
  readonly hidden: number;
  readonly heads: number;
  readonly dropout: number;
}

type Rows = tf.Tensor2D;
/** Rows and what a part of a layer makes of them to rows. */
type Residual = (rows: Rows, change: Rows, training: boolean) => Rows;

/** norm(rows + dropout(change)): the norm comes last, as in the paper. */
function residual(weights: Weights, number: number, { width, dropout: rate }: LayerSizes): Residual {
  const norm = layerNorm(weights.at(`norm${number}`), width);
  const drop = dropout(weights.at(`dropout${number}`), rate);
  return (rows, change, training) => norm(tf.add(rows, drop(change, training)));
}

/** Two dense layers with a relu between them, for each row. */
function mlp(weights: Weights, { width, hidden }: LayerSizes): (rows: Rows) => Rows {
  const initial = xavierUniform(width, hidden);
  const widen = linear(weights.at('mlp1'), { inputs: width, outputs: hidden, initial });
  const narrow = linear(weights.at('mlp2'), { inputs: hidden, outputs: width, initial });
  return (rows) => narrow(tf.relu(widen(rows)));
}

/** Xavier's range for queries, keys and values is that of all three as one kernel: fairseq's gain of 1 / sqrt 2. */
const attentionOf = ({ width, heads }: LayerSizes): AttentionShape => ({
  width,
  heads,
  initial: xavierUniform(width, 3 * width),
  initialOut: xavierUniform(width, width),
});

/** Self-attention over what `mask` leaves, then the MLP. */
export function encoderLayer(
  weights: Weights,
  sizes: LayerSizes,
): (sequences: Sequences, mask: tf.Tensor, training: boolean) => Rows {
  const attend = selfAttention(weights.at('attention'), attentionOf(sizes));
  const afterAttention = residual(weights, 1, sizes);
  const transform = mlp(weights, sizes);
  const afterMlp = residual(weights, 2, sizes);
  return (sequences, mask, training) => {
    const rows = afterAttention(sequences.rows, attend(sequences, { mask }), training);
    return afterMlp(rows, transform(rows), training);
  };
}

/** Two ways to see the rows of a decoder: as sequences of their own, and as all the rows that ask one source. */
export interface DecoderShape {
  readonly self: Omit<Sequences, 'rows'>;
  readonly cross: Omit<Sequences, 'rows'>;
}

export interface DecoderLayer {
  readonly keysAndValues: CrossAttention['keysAndValues'];
  readonly transform: (rows: Rows, at: DecoderShape, reads: DecoderReads, training: boolean) => Rows;
}

/** What a layer of the decoder reads beside its rows. */
export interface DecoderReads {
  readonly own: SelfAttentionOptions;
  readonly source: KeysAndValues;
  readonly sourceMask: tf.Tensor;
}

/** Self-attention, attention to the source, then the MLP. */
export function decoderLayer(weights: Weights, sizes: LayerSizes): DecoderLayer {
  const attend = selfAttention(weights.at('attention'), attentionOf(sizes));
  const afterAttention = residual(weights, 1, sizes);
  const ask = crossAttention(weights.at('cross'), attentionOf(sizes));
  const afterCross = residual(weights, 2, sizes);
  const transform = mlp(weights, sizes);
  const afterMlp = residual(weights, 3, sizes);
  return {
    keysAndValues: ask.keysAndValues,
    transform: (given, { self, cross }, { own, source, sourceMask }, training) => {
      const attended = afterAttention(given, attend({ ...self, rows: given }, own), training);
      const asked = ask.attend({ ...cross, rows: attended }, source, sourceMask);
      const rows = afterCross(attended, asked, training);
      return afterMlp(rows, transform(rows), training);
    },
  };
}
