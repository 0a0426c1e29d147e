import * as tf from '@tensorflow/tfjs-core';
import { FlatminError } from './errors.js';
import { withLossRandomOfPart } from './lossRandom.js';

/** What a loss over a batch can do beyond its mean; each is optional, and a variant that needs one says so by name. */
export interface BatchAccess {
  /** The number of examples of the batch; weights parts of unequal size. */
  readonly size?: number;
  /** The loss of each example, [batch]; their mean, plus any regularizer, is the loss. */
  perExample?(): tf.Tensor1D;
  /**
   * The loss, which shows the loss of each example on its way: both from one forward pass. Without it, losses per example beside a
   * gradient cost a forward pass of their own.
   */
  observed?(show: (perExample: tf.Tensor1D) => void): tf.Scalar;
  /** The mean loss of some examples (repetitions count twice). */
  subset?(indices: tf.Tensor1D | readonly number[]): LossFunction;
  /** The mean losses of `parts` consecutive parts whose sizes differ by at most one. */
  split?(parts: number): readonly LossFunction[];
  /** The loss by the outputs of the model, for variants that work in function space. */
  throughOutputs?(): LossThroughOutputs;
}

/** A loss as two functions, one after the other: the outputs of a model, and their loss. */
export interface LossThroughOutputs {
  /** One forward pass: the outputs [batch, ...] at the weights as they are. */
  outputs(): tf.Tensor;
  /** The mean loss of outputs, without the regularizer. */
  loss(outputs: tf.Tensor): tf.Scalar;
  /** What is added to the loss and does not depend on the outputs. */
  regularizer?(): tf.Scalar;
}

/** A scalar loss over the current batch, as `tf.Optimizer.minimize` takes it, perhaps with access to its batch. */
export type LossFunction = (() => tf.Scalar) & BatchAccess;

const accessRemedy =
  'Pass a loss with batch access: batchLoss(model, x, y) of @flatmin/model-layers for a tf.LayersModel, ' +
  'or lossOfOutputs((x) => outputs, (outputs, y) => lossPerExample, x, y) of @flatmin/core.';

/** The loss's own method of that name, or a named error that says how to get it. */
export function requireAccess<K extends 'perExample' | 'subset' | 'split' | 'throughOutputs'>(
  loss: LossFunction,
  method: K,
  user: string,
): NonNullable<LossFunction[K]> {
  const found = loss[method];
  if (found === undefined) {
    throw new FlatminError(
      'BATCH_ACCESS_MISSING',
      `${user} needs loss.${method}(), which this loss lacks. ${accessRemedy}`,
    );
  }
  return found.bind(loss) as NonNullable<LossFunction[K]>;
}

/** Start and length of `parts` consecutive parts of `size` examples: the first `size % parts` have one more. */
export function partSizes(size: number, parts: number): readonly { readonly start: number; readonly length: number }[] {
  if (!Number.isInteger(parts) || parts < 1 || parts > size) {
    throw new FlatminError(
      'LOSS_INVALID',
      `cannot split a batch of ${size} examples in ${parts} parts. Use between 1 and ${size} parts.`,
    );
  }
  const base = Math.floor(size / parts);
  const larger = size % parts;
  return Array.from({ length: parts }, (_, i) => ({
    start: i * base + Math.min(i, larger),
    length: base + (i < larger ? 1 : 0),
  }));
}

/** A part of a batch, and its share of the examples: the loss of the batch is the sum of `share * loss`. */
export interface BatchPart {
  readonly loss: LossFunction;
  readonly share: number;
}

/** The loss in `parts` parts, weighted by size; in one, the loss itself, which then needs no batch access. */
export function batchParts(loss: LossFunction, parts: number, user: string): readonly BatchPart[] {
  if (parts === 1) return [{ loss, share: 1 }];
  const losses = requireAccess(loss, 'split', user)(parts);
  const sizes = losses.map(({ size = 1 }) => size);
  const total = sizes.reduce((a, b) => a + b, 0);
  return losses.map((part, i) => ({ loss: part, share: (sizes[i] as number) / total }));
}

/**
 * The micro-batches that a pass over the loss is cut into: at most `accumulate`, none without an example. One is the loss itself,
 * which then needs no batch access.
 */
export function microBatchesOf(loss: LossFunction, accumulate: number): readonly BatchPart[] {
  return batchParts(loss, Math.min(accumulate, loss.size ?? accumulate), 'accumulate');
}

/** Runs `pass` over each part, with the random numbers of that part where there are several. */
export function eachPart<T>(parts: readonly BatchPart[], pass: (part: BatchPart) => T): T[] {
  if (parts.length === 1) return parts.map(pass);
  return parts.map((part, index) => withLossRandomOfPart(index, () => pass(part)));
}

/** The losses of the examples of these parts, in their order. */
export function examplesOf(parts: readonly BatchPart[]): tf.Tensor1D {
  return joined(eachPart(parts, ({ loss }) => requireAccess(loss, 'perExample', 'evaluatePerExample')()));
}

/** Tensors of examples one after the other, as a tensor of the caller's. */
export function joined(examples: readonly tf.Tensor1D[]): tf.Tensor1D {
  return examples.length === 1 ? (examples[0] as tf.Tensor1D).clone() : tf.concat1d([...examples]);
}

/** The loss, which shows the losses of its examples on its way, also in parts; undefined where it cannot. */
export function observing(loss: LossFunction, show: (perExample: tf.Tensor1D) => void): LossFunction | undefined {
  if (loss.observed === undefined) return undefined;
  const shown = (): tf.Scalar => (loss as Required<BatchAccess>).observed(show);
  const split = (parts: number): readonly LossFunction[] =>
    requireAccess(loss, 'split', 'accumulate')(parts).map((part) => observing(part, show) ?? part);
  return Object.assign(shown, { split }, loss.size === undefined ? {} : { size: loss.size });
}
