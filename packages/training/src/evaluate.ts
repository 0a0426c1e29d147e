import type { DataPart, Model } from '@flatmin/core';
import * as tf from '@tensorflow/tfjs-core';
import { crossEntropyPerExample, encodeLabels } from './crossEntropy.js';

export interface Metrics {
  /** Mean cross-entropy over the examples. */
  readonly loss: number;
  /** Share of examples whose largest logit is the right class. */
  readonly accuracy: number;
}

/**
 * Mean loss and accuracy of a model over a part of a data set: no gradient, no change of the model, and one read-back at
 * the end. Holds one batch in memory, whatever the size of the part.
 *
 * @param options.batchSize examples a forward pass; changes memory and speed only. Default 500.
 */
export async function evaluate(
  model: Model,
  part: DataPart,
  options: { readonly batchSize?: number } = {},
): Promise<Metrics> {
  // [summed loss, right answers] of the batches so far.
  let sums = tf.zeros<tf.Rank.R1>([2]);
  for await (const { x, y } of part.batches({ batchSize: options.batchSize ?? 500 })) {
    const previous = sums;
    try {
      sums = tf.tidy(() => tf.add(previous, sumsOfBatch(model, x, y)));
    } finally {
      tf.dispose([previous, x, y]);
    }
  }
  const [loss, right] = (await sums.data()) as unknown as [number, number];
  sums.dispose();
  return { loss: loss / part.size, accuracy: right / part.size };
}

function sumsOfBatch(model: Model, x: tf.Tensor, y: tf.Tensor1D): tf.Tensor1D {
  const logits = model.apply(x, { training: false });
  const loss = tf.sum(crossEntropyPerExample(encodeLabels(y, logits.shape[1]), logits));
  const right = tf.sum(tf.cast(tf.equal(tf.argMax(logits, 1), y), 'float32'));
  return tf.stack([loss, right]) as tf.Tensor1D;
}
