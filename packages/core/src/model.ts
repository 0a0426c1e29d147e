import type * as tf from '@tensorflow/tfjs-core';
import type { ParameterRoles } from './parameters.js';
import type { RandomStream } from './random.js';

/** What a model must fit: known once the data set is. */
export interface ModelContext {
  readonly inputShape: readonly number[];
  readonly classes: number;
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
