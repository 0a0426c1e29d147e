import type * as tf from '@tensorflow/tfjs-core';
import type { Task, Vocabulary } from './dataset.js';
import type { ParameterRoles } from './parameters.js';
import type { RandomStream } from './random.js';

/** What a model must fit: known once the data set is. */
export interface ModelContext {
  /** What the data set asks; absent, classification. */
  readonly task?: Task;
  readonly inputShape: readonly number[];
  /** Outputs: classes, 1 for regression, ids of the (target) vocabulary for text. */
  readonly classes: number;
  /** Present where x holds ids. */
  readonly vocabulary?: Vocabulary;
  /** Draws the initial weights. */
  readonly random: RandomStream;
}

/** A classifier. `apply` maps x [batch, ...inputShape] to logits [batch, classes]. */
export interface Model {
  readonly description: string;
  /** Every variable that belongs to the model, in a fixed order: what a checkpoint saves. The trainable ones are trained. */
  readonly variables: readonly tf.Variable[];
  /** Roles of variables whose names do not tell. */
  readonly roles?: ParameterRoles;
  apply(x: tf.Tensor, options?: { readonly training?: boolean }): tf.Tensor2D;
  dispose(): void;
}
