import type { Model, TargetScale } from '@flatmin/core/plugin';
import type * as tf from '@tensorflow/tfjs-core';

/** Any model: its outputs have the shape that its task asks. */
export type AnyModel = Model<tf.Tensor>;

/** How good a model is on a part of a data set. */
export interface Metrics {
  /**
   * The mean of the task's loss, without label smoothing and without a regularizer. Of a regression whose data set
   * scales its targets it is of the scaled numbers: 1 is the loss of always answering the mean of train.
   */
  readonly loss: number;
  /**
   * Share of right answers: the largest logit is that of the right class, or of the right token. Absent in regression.
   */
  readonly accuracy?: number;
  /** exp(loss): among how many equally likely tokens the model is as undecided as among these. Of sequences alone. */
  readonly perplexity?: number;
  /** Mean of |answer - target|, in the unit of the data. Of regression alone, as the two that follow. */
  readonly meanAbsoluteError?: number;
  /** Root of the mean of (answer - target)^2, in the unit of the data. */
  readonly rootMeanSquaredError?: number;
  /**
   * 1 - sum (answer - target)^2 / sum (target - mean of these targets)^2: 1 is perfect, 0 as good as their mean, below
   * 0 worse. Absent where all targets are the same.
   */
  readonly r2?: number;
  /** What the data set judges by besides: `f1`, `matthews`, ... */
  readonly scores?: Readonly<Record<string, number>>;
}

/** What decides the loss of a batch beside the model. */
export interface LossSettings {
  /** Outputs of a model. */
  readonly classes: number;
  /** The share of the target that goes to all classes alike, from 0 to 1. */
  readonly labelSmoothing: number;
}

/** Loss and metrics of a task. What takes tensors is called in a `tidy`. */
export interface TaskMethods {
  /** The targets as `perExample` takes them, examples first: made once for all passes of a step. */
  encode(y: tf.Tensor, settings: LossSettings): tf.Tensor;
  outputs(model: AnyModel, x: tf.Tensor, target: tf.Tensor, training: boolean): tf.Tensor;
  /** The losses whose mean is that of the batch, [batch]. */
  perExample(outputs: tf.Tensor, target: tf.Tensor, settings: LossSettings): tf.Tensor1D;
  /** What that mean is the mean over, by the targets, where it is not the examples: tokens. */
  readonly weight?: (target: tf.Tensor) => tf.Scalar;
  /** The class of each example, [batch] int32, of a task of classes. */
  readonly labels?: (target: tf.Tensor) => tf.Tensor1D;
  /** What `metrics` takes of a batch, and first the number of what was judged: [count, loss, ...]. */
  sums(outputs: tf.Tensor, y: tf.Tensor): tf.Tensor1D;
  /** @param batches the sums of each batch. */
  metrics(batches: readonly (readonly number[])[], scale?: TargetScale): Metrics;
  /** The answers, one number an example, for scores of a data set. */
  readonly answers?: (outputs: tf.Tensor) => tf.Tensor1D;
}
