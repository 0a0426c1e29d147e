import { FlatminError } from '@flatmin/core';
import { type Model, show } from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';
import type { Weights } from './weights.js';

export interface ClassifierParts {
  readonly id: string;
  readonly description: string;
  readonly weights: Weights;
  /** Shape of one example. */
  readonly inputShape: readonly number[];
  readonly forward: (x: tf.Tensor, training: boolean) => tf.Tensor2D;
}

/** The model of a forward pass: checks the shape of x, leaves only the logits behind, disposes its variables. */
export function classifier({ id, description, weights, inputShape, forward }: ClassifierParts): Model {
  return {
    description,
    variables: weights.all,
    apply: (x, { training = false } = {}) => {
      if (x.rank < 1 || show(x.shape.slice(1)) !== show(inputShape)) {
        throw new FlatminError(
          'DATA_INVALID',
          `${id} was made for examples of shape ${show(inputShape)}, x has shape ${show(x.shape)}. Pass x as [batch, ...inputShape].`,
        );
      }
      return tf.tidy(() => forward(x, training));
    },
    dispose: () => weights.dispose(),
  };
}
