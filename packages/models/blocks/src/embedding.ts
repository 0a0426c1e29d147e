import * as tf from '@tensorflow/tfjs-core';
import type { Initializer, Weights } from './weights.js';

/** How many things have a row, and how wide it is. */
export interface EmbeddingShape {
  readonly count: number;
  readonly width: number;
  readonly initial: Initializer;
}

/** A table of rows, and what looks them up. */
export interface Embedding {
  /** [count, width]; named `embeddings`. */
  readonly table: tf.Variable;
  /** int32 ids of any shape to rows [ids, width]. */
  lookUp(ids: tf.Tensor): tf.Tensor2D;
}

/**
 * A row of numbers for each id from 0 to count - 1, rows equal to one-hot(ids) table.
 *
 * Cost: one op forward, one for the gradient: the sum of the rows of each id, UnsortedSegmentSum. A backend without
 * this op (wasm) uses the matrix product of the one-hot ids instead, which temporarily holds ids x count numbers.
 */
export function embedding(weights: Weights, { count, width, initial }: EmbeddingShape): Embedding {
  const table = weights.trained('embeddings', [count, width], initial);
  return { table, lookUp: (ids) => rowsOf(table as unknown as tf.Tensor2D, tf.reshape(ids, [ids.size])) };
}

function rowsOf(table: tf.Tensor2D, ids: tf.Tensor1D): tf.Tensor2D {
  if (tf.getKernel('UnsortedSegmentSum', tf.getBackend()) !== undefined) return tf.gather(table, ids);
  const withGradient = tf.customGrad((...given) => {
    (given.pop() as tf.GradSaveFunc)([ids]);
    return { value: tf.gather(table, ids), gradFunc: sumById };
  });
  return withGradient(table);
  // Linear in the table: nothing that is saved needs a gradient, so a second derivative is right too.
  function sumById(dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor {
    return tf.matMul(tf.oneHot(saved[0] as tf.Tensor, table.shape[0]), dy, true);
  }
}
