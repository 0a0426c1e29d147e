import * as tf from '@tensorflow/tfjs-core';
import { type BatchAccess, type LossFunction, type LossThroughOutputs, partSizes } from './loss.js';

/** What a loss over the rows of a batch is made of. */
interface Rows<X extends tf.Tensor, Y extends tf.Tensor> {
  readonly perExample: (x: X, y: Y) => tf.Tensor1D;
  readonly throughOutputs?: (x: X, y: Y) => LossThroughOutputs;
  readonly regularizer: (() => tf.Scalar) | undefined;
}

function lossOfRows<X extends tf.Tensor, Y extends tf.Tensor>(
  rows: Rows<X, Y>,
  x: X,
  y: Y,
): LossFunction & Required<Omit<BatchAccess, 'throughOutputs'>> {
  const { perExample, throughOutputs, regularizer } = rows;
  const size = x.shape[0] ?? 1;
  const observed = (show?: (examples: tf.Tensor1D) => void): tf.Scalar => {
    const examples = perExample(x, y);
    show?.(examples);
    const loss = tf.mean<tf.Scalar>(examples);
    return regularizer === undefined ? loss : tf.add(loss, regularizer());
  };
  return Object.assign(() => observed(), {
    size,
    observed,
    perExample: () => perExample(x, y),
    subset: (indices: tf.Tensor1D | readonly number[]): LossFunction => {
      const chosen = Array.isArray(indices)
        ? tf.tensor1d([...(indices as readonly number[])], 'int32')
        : (indices as tf.Tensor1D);
      return lossOfRows(rows, tf.gather(x, chosen), tf.gather(y, chosen));
    },
    split: (parts: number): readonly LossFunction[] =>
      partSizes(size, parts).map(({ start, length }) =>
        lossOfRows(rows, tf.slice(x, start, length), tf.slice(y, start, length)),
      ),
    ...(throughOutputs && { throughOutputs: () => throughOutputs(x, y) }),
  });
}

/**
 * A loss with batch access from a function that gives one loss per example.
 *
 * @param perExample maps (x [n, ...], y [n, ...]) to the losses [n]. It is called with the whole batch or some rows of it.
 * @param regularizer a scalar that does not depend on the batch, added to every mean.
 * @example
 * ```ts
 * const loss = lossOfBatch((x, y) => softmaxCrossEntropyPerExample(y, model(x)), x, y);
 * optimizer.minimize(loss);
 * ```
 */
export function lossOfBatch<X extends tf.Tensor, Y extends tf.Tensor>(
  perExample: (x: X, y: Y) => tf.Tensor1D,
  x: X,
  y: Y,
  regularizer?: () => tf.Scalar,
): LossFunction & Required<Omit<BatchAccess, 'throughOutputs'>> {
  return lossOfRows({ perExample, regularizer }, x, y);
}

/**
 * The same from a model and a loss of its outputs, which gives every access there is.
 *
 * @param model maps x [n, ...] to outputs [n, ...], such as logits. It gets y too, for a decoder that reads the targets so far.
 * @param perExample maps (outputs, y) to the losses [n].
 * @example
 * ```ts
 * const loss = lossOfOutputs((x) => model.apply(x), (logits, y) => softmaxCrossEntropyPerExample(y, logits), x, y);
 * ```
 */
export function lossOfOutputs<X extends tf.Tensor, Y extends tf.Tensor, O extends tf.Tensor>(
  model: (x: X, y: Y) => O,
  perExample: (outputs: O, y: Y) => tf.Tensor1D,
  x: X,
  y: Y,
  regularizer?: () => tf.Scalar,
): LossFunction & Required<BatchAccess> {
  const rows: Rows<X, Y> = {
    perExample: (a, b) => perExample(model(a, b), b),
    throughOutputs: (a, b) => ({
      outputs: () => model(a, b),
      loss: (outputs) => tf.mean<tf.Scalar>(perExample(outputs as O, b)),
      ...(regularizer && { regularizer }),
    }),
    regularizer,
  };
  return lossOfRows(rows, x, y) as LossFunction & Required<BatchAccess>;
}
