import {
  causalMask,
  dropout,
  embedding,
  type Initializer,
  type KeysAndValues,
  normal,
  paddingMask,
  type Weights,
} from '@flatmin/model-blocks';
import * as tf from '@tensorflow/tfjs-core';
import { decoderLayer, type DecoderShape, encoderLayer, type LayerSizes } from './layers.js';
import { sinusoids } from './positions.js';

export interface TransformerSizes extends LayerSizes {
  readonly encoderLayers: number;
  readonly decoderLayers: number;
}

/** A source as the layers of the decoder read it. */
export interface Memory {
  /** For each layer of the decoder. */
  readonly source: readonly KeysAndValues[];
  readonly mask: tf.Tensor;
}

/** Hypotheses that are made longer by a token. */
export interface Continuation {
  /** The last token of each, int32 [sources x beam]. */
  readonly tokens: tf.Tensor1D;
  readonly sources: number;
  /** How many tokens there were before. */
  readonly position: number;
  /** What each layer keeps of those; none at position 0. */
  readonly earlier: readonly KeysAndValues[];
}

export interface Network {
  /** Tokens of the target. */
  readonly classes: number;
  encode(x: tf.Tensor2D, training: boolean): Memory;
  /** Logits [batch, length, classes] of what follows each token of `target` [batch, length]. */
  decode(target: tf.Tensor2D, memory: Memory, training: boolean): tf.Tensor3D;
  /** Logits [sources x beam, classes] of what follows, and what is kept for the next time. */
  next(continuation: Continuation, memory: Memory): { readonly logits: tf.Tensor2D; readonly kept: KeysAndValues[] };
}

/** The encoder of `from` tokens and the decoder of `to`, whose embeddings are its output layer too. */
export function network(weights: Weights, sizes: TransformerSizes, tokens: { from: number; to: number }): Network {
  const encoder = weights.at('encoder');
  const embedSource = embedded(encoder, sizes, tokens.from);
  const encoderLayers = Array.from({ length: sizes.encoderLayers }, (_, i) =>
    encoderLayer(encoder.at(`layer${i + 1}`), sizes),
  );
  const decoder = weights.at('decoder');
  const embedTarget = embedded(decoder, sizes, tokens.to);
  const layers = Array.from({ length: sizes.decoderLayers }, (_, i) =>
    decoderLayer(decoder.at(`layer${i + 1}`), sizes),
  );
  const logitsOf = (rows: tf.Tensor2D): tf.Tensor2D => tf.matMul(rows, embedTarget.table, false, true);
  return {
    classes: tokens.to,
    encode: (x, training) => {
      const [batch, length] = x.shape;
      const mask = paddingMask(x);
      const rows = encoderLayers.reduce(
        (given, transform) => transform({ rows: given, batch, length }, mask, training),
        embedSource.rowsOf(x, 0, training),
      );
      return { mask, source: layers.map((layer) => layer.keysAndValues({ rows, batch, length })) };
    },
    decode: (target, { source, mask: sourceMask }, training) => {
      const [batch, length] = target.shape;
      const at: DecoderShape = { self: { batch, length }, cross: { batch, length } };
      // Targets are filled up at their end: what is real sees no padding before it, and needs no other mask.
      const own = { mask: causalMask(length) };
      const rows = layers.reduce(
        (given, layer, i) =>
          layer.transform(given, at, { own, sourceMask, source: source[i] as KeysAndValues }, training),
        embedTarget.rowsOf(target, 0, training),
      );
      return tf.reshape(logitsOf(rows), [batch, length, tokens.to]);
    },
    next: ({ tokens: last, sources, position, earlier }, { source, mask: sourceMask }) => {
      const [hypotheses] = last.shape;
      // All hypotheses of a source ask it at once, as the positions of one sequence do.
      const at: DecoderShape = {
        self: { batch: hypotheses, length: 1 },
        cross: { batch: sources, length: hypotheses / sources },
      };
      const kept: KeysAndValues[] = [];
      const rows = layers.reduce(
        (given, layer, i) => {
          const read = (fresh: KeysAndValues): KeysAndValues => (kept[i] = joined(earlier[i], fresh));
          return layer.transform(given, at, { own: { read }, sourceMask, source: source[i] as KeysAndValues }, false);
        },
        embedTarget.rowsOf(tf.reshape(last, [hypotheses, 1]), position, false),
      );
      return { logits: logitsOf(rows), kept };
    },
  };
}

function joined(earlier: KeysAndValues | undefined, { keys, values }: KeysAndValues): KeysAndValues {
  if (earlier === undefined) return { keys, values };
  return { keys: tf.concat([earlier.keys, keys], 2), values: tf.concat([earlier.values, values], 2) };
}

/**
 * dropout(sqrt(width) embedding + position). Embeddings have standard deviation 1 / sqrt(width), that of padding is 0.
 */
function embedded(weights: Weights, { width, dropout: rate }: LayerSizes, count: number) {
  const initial: Initializer = (random, size) => normal(width ** -0.5)(random, size).fill(0, 0, width);
  const embeddings = embedding(weights, { count, width, initial });
  const positions = sinusoids(width);
  const drop = dropout(weights.at('dropout'), rate);
  const rowsOf = (ids: tf.Tensor2D, from: number, training: boolean): tf.Tensor2D => {
    const [batch, length] = ids.shape;
    const tokens = tf.reshape(tf.mul(embeddings.lookUp(ids), Math.sqrt(width)), [batch, length, width]);
    const placed = tf.reshape(tf.add(tokens, positions(from, length)), [batch * length, width]);
    return drop(placed, training) as tf.Tensor2D;
  };
  return { table: embeddings.table as unknown as tf.Tensor2D, rowsOf };
}
