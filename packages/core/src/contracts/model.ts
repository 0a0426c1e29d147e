import type * as tf from '@tensorflow/tfjs-core';
import type { Task, Vocabulary } from './dataset.js';
import type { ParameterRoles } from '../variant/parameters.js';
import type { RandomStream } from '../tensors/random.js';

/** What a model must fit: known once the data set is. */
export interface ModelContext {
  /** What the data set asks; absent, classification. */
  readonly task?: Task;
  readonly inputShape: readonly number[];
  /** Outputs: classes, 1 for regression, ids of the (target) vocabulary for text. */
  readonly classes: number;
  /** Present where x holds ids. */
  readonly vocabulary?: Vocabulary;
  /** Present if y holds ids of its own vocabulary: sequence to sequence. */
  readonly targetVocabulary?: Vocabulary;
  /** Draws the initial weights. */
  readonly random: RandomStream;
}

export interface ApplyOptions {
  /** True in the passes of training: dropout, statistics of the batch. Default false. */
  readonly training?: boolean;
  /** Sequence to sequence: ids [batch, length] of the target that the decoder has, from `begin` on. */
  readonly target?: tf.Tensor2D;
}

/**
 * A model. `apply` maps x to logits, or to numbers in regression:
 *
 * | task | x | outputs |
 * | --- | --- | --- |
 * | classification | [batch, ...inputShape] | [batch, classes] |
 * | regression | [batch, ...inputShape] | [batch, 1] |
 * | language-modelling | [batch, length] | [batch, length, classes]: at each position, the token that follows |
 * | sequence-to-sequence | [batch, source length], and `target` | [batch, target length, classes], likewise |
 */
export interface Model<Output extends tf.Tensor = tf.Tensor2D> {
  readonly description: string;
  /**
   * Every variable that belongs to the model, in a fixed order: a checkpoint saves them all, and training moves the
   * trainable ones.
   */
  readonly variables: readonly tf.Variable[];
  /** Roles of variables whose names do not show them. */
  readonly roles?: ParameterRoles;
  apply(x: tf.Tensor, options?: ApplyOptions): Output;
  /**
   * A scalar that training adds to the loss of every batch: the penalties that are part of the model. Evaluation leaves
   * it out.
   */
  regularizer?(): tf.Scalar;
  /**
   * For a model that is a tf.LayersModel: the model as TF.js saves it, with its current weights. Without this member,
   * flatmin rebuilds the model.
   */
  artifacts?(): Promise<tf.io.ModelArtifacts>;
  /** Sequence to sequence: a likely target of each source, as ids without `begin`, `end` and padding. */
  generate?(x: tf.Tensor2D): Promise<readonly (readonly number[])[]>;
  dispose(): void;
}
