import { specialTokens } from '@flatmin/core/plugin';
import { causalMask, constant, dropout, gelu, layerNorm, linear, type Weights } from '@flatmin/model-blocks';
import * as tf from '@tensorflow/tfjs-core';
import { type Encoder, initial } from './encoder.js';
import type { EncoderSizes } from './sizes.js';

/** From ids int32 [batch, length] to what a task asks for. */
type Forward<Output extends tf.Tensor> = (ids: tf.Tensor2D, training: boolean) => Output;

/**
 * Numbers for each text, [batch, outputs]: `begin` goes before the ids, and what stands there after all blocks goes
 * through a dense layer with tanh (gelu where attention is disentangled, as in its authors' code), dropout, and a dense
 * layer.
 */
export function wholeText(
  weights: Weights,
  sizes: EncoderSizes,
  { encode }: Encoder,
  outputs: number,
): Forward<tf.Tensor2D> {
  const { attention, width } = sizes;
  const pool = linear(weights.at('pooler'), { inputs: width, outputs: width, initial });
  const activate: (x: tf.Tensor2D) => tf.Tensor2D = attention === 'bert' ? tf.tanh : gelu;
  const drop = dropout(weights.at('dropout_pooled'), sizes.dropout);
  const head = linear(weights.at('head'), { inputs: width, outputs, initial });
  return (ids, training) => {
    const { rows, batch, length } = encode(withBegin(ids), training);
    const first = tf.slice(tf.reshape(rows, [batch, length, width]), [0, 0, 0], [batch, 1, width]);
    return head(drop(activate(pool(tf.reshape(first, [batch, width]))), training) as tf.Tensor2D);
  };
}

/**
 * Logits of the id that follows each, [batch, length, vocabulary], of those up to there: a dense layer with gelu,
 * normalized, then products with the embeddings of all tokens, and a bias.
 */
export function everyPosition(
  weights: Weights,
  { width }: EncoderSizes,
  { encode, tokens }: Encoder,
): Forward<tf.Tensor3D> {
  const vocabulary = tokens.shape[0];
  const transform = linear(weights.at('transform'), { inputs: width, outputs: width, initial });
  const norm = layerNorm(weights.at('transform').at('norm'), width);
  const bias = weights.at('head').trained('bias', [vocabulary], constant(0));
  return (ids, training) => {
    const { rows, batch, length } = encode(ids, training, causalMask(ids.shape[1]));
    const logits = tf.add(tf.matMul(norm(gelu(transform(rows))), tokens as unknown as tf.Tensor2D, false, true), bias);
    return tf.reshape(logits, [batch, length, vocabulary]);
  };
}

function withBegin(ids: tf.Tensor2D): tf.Tensor2D {
  return tf.concat([tf.fill<tf.Rank.R2>([ids.shape[0], 1], specialTokens.begin, 'int32'), ids], 1);
}
