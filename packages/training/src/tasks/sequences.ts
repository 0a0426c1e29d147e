import { specialTokens } from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';
import { crossEntropyPerExample, encodeLabels } from './crossEntropy.js';
import { added } from './added.js';
import { sumsOfLogits } from './classification.js';
import type { LossSettings, Metrics, TaskMethods } from './task.js';

/** 1 where a token counts, 0 where a sequence is filled up. */
const counts = (ids: tf.Tensor): tf.Tensor => tf.cast(tf.notEqual(ids, specialTokens.padding), 'float32');

/**
 * The cross-entropy of each sequence, scaled so that the mean over the batch is the mean over its tokens: padding
 * counts nowhere, and a token as much as any other, in whatever sequence it stands.
 *
 * @param logits [batch, length, tokens].
 * @param ids [batch, length], int32.
 */
function perSequence(logits: tf.Tensor, ids: tf.Tensor, { labelSmoothing }: LossSettings): tf.Tensor1D {
  const [batch, length, tokens] = logits.shape as [number, number, number];
  const oneHot = encodeLabels(tf.reshape(ids, [-1]), tokens, labelSmoothing);
  const losses = crossEntropyPerExample(oneHot, tf.reshape(logits, [batch * length, tokens]));
  const counted = counts(ids);
  const sums = tf.sum(tf.mul(tf.reshape(losses, [batch, length]), counted), 1);
  return tf.mul(sums, tf.div(batch, tf.maximum(tf.sum(counted), 1)));
}

/** The tokens of a batch: by these the means of its parts add up to its own. */
const tokensIn = (ids: tf.Tensor): tf.Scalar => tf.sum(counts(ids));

function sums(logits: tf.Tensor, ids: tf.Tensor): tf.Tensor1D {
  const tokens = logits.shape.at(-1) as number;
  return sumsOfLogits(tf.reshape(logits, [-1, tokens]), tf.reshape(ids, [-1]), tf.reshape(counts(ids), [-1]));
}

function metrics(batches: readonly (readonly number[])[]): Metrics {
  const [count = 0, loss = 0, right = 0] = added(batches);
  return { loss: loss / count, accuracy: right / count, perplexity: Math.exp(loss / count) };
}

/** At each position, the token that follows. */
export const languageModelling: TaskMethods = {
  encode: (y) => y.clone(),
  outputs: (model, x, _, training) => model.apply(x, { training }),
  perExample: perSequence,
  weight: tokensIn,
  sums,
  metrics,
};

/** A target sequence without its first token, and without its last. */
const head = (y: tf.Tensor): tf.Tensor2D => tf.slice(y, [0, 0], [-1, (y.shape[1] as number) - 1]) as tf.Tensor2D;
const tail = (y: tf.Tensor): tf.Tensor2D => tf.slice(y, [0, 1], [-1, -1]) as tf.Tensor2D;

/** The next token of the target, given the source and the right tokens before it. */
export const sequenceToSequence: TaskMethods = {
  encode: (y) => y.clone(),
  outputs: (model, x, y, training) => model.apply(x, { training, target: head(y) }),
  perExample: (logits, y, settings) => perSequence(logits, tail(y), settings),
  weight: (y) => tokensIn(tail(y)),
  sums: (logits, y) => sums(logits, tail(y)),
  metrics,
};
