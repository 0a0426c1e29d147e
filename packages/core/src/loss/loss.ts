import type * as tf from '@tensorflow/tfjs-core';
import { FlatminError } from '../errors/errors.js';

/**
 * What a loss over a batch can offer beyond its mean; all are optional, and a variant that needs one asks for it by
 * name.
 */
export interface BatchAccess {
  /** The number of examples of the batch. */
  readonly size?: number;
  /**
   * What the loss is the mean over: with these weights, the losses of parts add up to that of the whole. Default:
   * `size`, for a mean over examples. Return the number of tokens if the mean is over tokens; return a scalar tensor if
   * it depends on the data, so that nothing is read back.
   */
  weight?(): number | tf.Scalar;
  /** The loss of each example, [batch]; their mean, plus any regularizer, is the loss. */
  perExample?(): tf.Tensor1D;
  /**
   * The loss; it also passes the loss of each example to `show`, from the same forward pass. Without this member,
   * losses per example in addition to a gradient cost another forward pass.
   */
  observed?(show: (perExample: tf.Tensor1D) => void): tf.Scalar;
  /**
   * The loss with a factor for each example, [batch]: the mean of w_i l_i, plus any regularizer. Factors of 1 give the
   * loss itself. Like the sample weights of `fit`, they are not normalized.
   */
  weighted?(factors: tf.Tensor1D): LossFunction;
  /** The class of each example, [batch] int32, if the task is classification. */
  labels?(): tf.Tensor1D;
  /** The mean loss of some examples (repetitions count twice). */
  subset?(indices: tf.Tensor1D | readonly number[]): LossFunction;
  /**
   * The losses of `parts` consecutive parts, whose sizes differ by at most one. Each says its `size`, and its `weight`
   * where the loss has one.
   */
  split?(parts: number): readonly LossFunction[];
  /** The loss as a function of the model's outputs, for variants that work in function space. */
  throughOutputs?(): LossThroughOutputs;
  /** The loss as a function of the tensors of its batch, for variants that use a batch again in a later step. */
  throughBatch?(): LossThroughBatch;
}

/** Tensors of a batch, by names that the loss chooses. */
export type BatchTensors = Readonly<Record<string, tf.Tensor>>;

/** A loss as a function of its batch. Unlike a loss, copies of the tensors outlive the batch and can be saved. */
export interface LossThroughBatch {
  /** Everything that the loss depends on except weights; the tensors stay the caller's. */
  readonly batch: BatchTensors;
  /** The same loss on another batch, whose tensors came from such a loss. */
  loss(batch: BatchTensors): LossFunction;
}

/** A loss as two functions, one after the other: the outputs of a model, and their loss. */
export interface LossThroughOutputs {
  /** One forward pass: the outputs [batch, ...] at the current weights. */
  outputs(): tf.Tensor;
  /** The mean loss of outputs, without the regularizer. */
  loss(outputs: tf.Tensor): tf.Scalar;
  /** A term that is added to the loss and does not depend on the outputs. */
  regularizer?(): tf.Scalar;
}

/** A scalar loss over the current batch, as `tf.Optimizer.minimize` takes it, perhaps with access to its batch. */
export type LossFunction = (() => tf.Scalar) & BatchAccess;

const accessRemedy =
  'Pass a loss with batch access: batchLoss(model, x, y) of @flatmin/model-layers for a tf.LayersModel, ' +
  'or lossOfOutputs((x) => outputs, (outputs, y) => lossPerExample, x, y) of @flatmin/core.';

/** The method of that name of a loss; if the loss lacks it, an error that says how to get one. */
export function requireAccess<
  K extends 'perExample' | 'weighted' | 'labels' | 'subset' | 'split' | 'throughOutputs' | 'throughBatch',
>(loss: LossFunction, method: K, user: string): NonNullable<LossFunction[K]> {
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
      `cannot split a batch of ${size} examples into ${parts} parts. Use between 1 and ${size} parts.`,
    );
  }
  const base = Math.floor(size / parts);
  const larger = size % parts;
  return Array.from({ length: parts }, (_, i) => ({
    start: i * base + Math.min(i, larger),
    length: base + (i < larger ? 1 : 0),
  }));
}
