import * as tf from '@tensorflow/tfjs-core';
import { FlatminError } from '../errors/errors.js';
import { requireExamples, requireFactors, requireRows, shapeOf, withoutBroadcast } from './exampleShapes.js';
import {
  type BatchAccess,
  type LossFunction,
  type LossThroughBatch,
  type LossThroughOutputs,
  partSizes,
} from './loss.js';

/** What a loss over the rows of a batch is made of. */
interface Rows<X extends tf.Tensor, Y extends tf.Tensor> {
  readonly perExample: (x: X, y: Y) => tf.Tensor1D;
  readonly throughOutputs?: (x: X, y: Y, factors: tf.Tensor1D | undefined) => LossThroughOutputs;
  readonly regularizer: (() => tf.Scalar) | undefined;
  readonly weight: ((y: Y) => tf.Scalar) | undefined;
  readonly labels: ((y: Y) => tf.Tensor1D) | undefined;
}

/** What {@link lossOfBatch} gives; `weight` and `labels` stand where they were passed. */
export type LossOfRows = LossFunction &
  Required<Omit<BatchAccess, 'throughOutputs' | 'weight' | 'labels'>> &
  Pick<BatchAccess, 'weight' | 'labels'>;

const times = (examples: tf.Tensor1D, factors: tf.Tensor1D | undefined): tf.Tensor1D =>
  factors === undefined ? examples : tf.mul(examples, factors);

/** @param factors of the examples, where they have some. */
function lossOfRows<X extends tf.Tensor, Y extends tf.Tensor>(
  rows: Rows<X, Y>,
  x: X,
  y: Y,
  factors?: tf.Tensor1D,
): LossOfRows {
  const { throughOutputs, regularizer, weight, labels } = rows;
  const size = requireRows(x, y);
  const perExample = (): tf.Tensor1D => times(rows.perExample(x, y), factors);
  const part = (some: <T extends tf.Tensor>(tensor: T) => T): LossFunction =>
    lossOfRows(rows, some(x), some(y), factors && some(factors));
  const observed = (show?: (examples: tf.Tensor1D) => void): tf.Scalar => {
    const examples = perExample();
    show?.(examples);
    const loss = tf.mean<tf.Scalar>(examples);
    return regularizer === undefined ? loss : tf.add(loss, regularizer());
  };
  return Object.assign(() => observed(), {
    size,
    ...(weight && { weight: () => weight(y) }),
    observed,
    perExample,
    weighted: (more: tf.Tensor1D): LossFunction => lossOfRows(rows, x, y, times(requireFactors(more, size), factors)),
    ...(labels && { labels: () => labels(y) }),
    subset: (indices: tf.Tensor1D | readonly number[]): LossFunction => {
      const chosen = Array.isArray(indices)
        ? tf.tensor1d([...(indices as readonly number[])], 'int32')
        : (indices as tf.Tensor1D);
      return part((tensor) => tf.gather(tensor, chosen));
    },
    split: (parts: number): readonly LossFunction[] =>
      partSizes(size, parts).map(({ start, length }) => part((tensor) => tf.slice(tensor, start, length))),
    ...(throughOutputs && { throughOutputs: () => throughOutputs(x, y, factors) }),
    throughBatch: (): LossThroughBatch => ({
      batch: { x, y, ...(factors && { factors }) },
      loss: (batch) => lossOfRows(rows, batch['x'] as X, batch['y'] as Y, batch['factors'] as tf.Tensor1D | undefined),
    }),
  });
}

/**
 * A loss with batch access from a function that gives one loss per example.
 *
 * @param perExample maps (x [n, ...], y [n, ...]) to the losses [n]. It is called with the whole batch or some rows of
 *   it.
 * @param regularizer a scalar that does not depend on the batch, added to every mean.
 * @param weight what the mean of those losses is the mean over, as a function of the targets, if that is not the
 *   examples: see {@link lossOfOutputs}.
 * @param labels the class of each example, [n] int32, as a function of the targets, for variants that ask for it.
 * @throws FlatminError LOSS_INVALID: x and y have different numbers of rows, or none; in an evaluation, the losses are
 *   not [n].
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
  weight?: (y: Y) => tf.Scalar,
  labels?: (y: Y) => tf.Tensor1D,
): LossOfRows {
  const checked = (a: X, b: Y): tf.Tensor1D =>
    requireExamples(
      withoutBroadcast(b, () => perExample(a, b)),
      { x: a, y: b },
    );
  return lossOfRows({ perExample: checked, regularizer, weight, labels }, x, y);
}

/**
 * The same from a model and a loss of its outputs; the result has every kind of batch access.
 *
 * @param model maps x [n, ...] to outputs [n, ...], such as logits. It gets y too, for a decoder that reads the targets
 *   so far.
 * @param perExample maps (outputs, y) to the losses [n].
 * @param weight what the mean of those losses is the mean over, if that is not the n examples: a scalar computed from
 *   the targets, such as their number of tokens, if `perExample` divides by it. Parts of a batch are weighted by it
 *   (`accumulate`, `microBatches`).
 * @param labels the class of each example, [n] int32, as a function of the targets: `(y) => tf.argMax(y, 1)` for
 *   one-hot rows.
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
  weight?: (y: Y) => tf.Scalar,
  labels?: (y: Y) => tf.Tensor1D,
): LossOfRows & Required<Pick<BatchAccess, 'throughOutputs'>> {
  const checked = (outputs: O, b: Y): tf.Tensor1D =>
    requireExamples(
      withoutBroadcast(b, () => perExample(outputs, b)),
      { outputs, y: b },
    );
  const rows: Rows<X, Y> = {
    perExample: (a, b) => checked(model(a, b), b),
    throughOutputs: (a, b, factors) => ({
      outputs: () => requireRowsOfOutputs(model(a, b), a),
      loss: (outputs) => tf.mean<tf.Scalar>(times(checked(outputs as O, b), factors)),
      ...(regularizer && { regularizer }),
    }),
    regularizer,
    weight,
    labels,
  };
  return lossOfRows(rows, x, y) as ReturnType<typeof lossOfOutputs>;
}

/** What works in function space takes the outputs apart by rows. */
function requireRowsOfOutputs<O extends tf.Tensor>(outputs: O, x: tf.Tensor): O {
  if (outputs.rank > 0 && outputs.shape[0] === x.shape[0]) return outputs;
  throw new FlatminError(
    'LOSS_INVALID',
    `the model gave outputs of shape ${shapeOf(outputs)} for x of shape ${shapeOf(x)}. Give one row of outputs for each example.`,
  );
}
