import * as tf from '@tensorflow/tfjs-core';
import { FlatminError, show } from './errors.js';
import type { LossFunction } from './loss.js';

/** What TF.js says when something is wrong with the loss, or with how it was set up, and what we say instead. */
const translations = [
  {
    says: /gradient function not found/i,
    code: 'GRADIENTS_NOT_REGISTERED',
    what: 'TensorFlow.js has no gradients here',
    remedy: "Add `import '@tensorflow/tfjs'` (or call loadBackend of @flatmin/backend) before the first step.",
  },
  {
    says: /must return a scalar/,
    code: 'LOSS_INVALID',
    what: 'the loss is no scalar',
    remedy: 'Return the mean over the batch, tf.mean(...).',
  },
  {
    says: /find a connection between any variable/,
    code: 'LOSS_INVALID',
    what: 'the loss depends on none of the variables to train',
    remedy: 'Compute it from them inside the function that is passed to minimize.',
  },
] as const;

/** Loss and gradient by variable (null where the loss does not depend on it), with errors that say the remedy. */
export function lossAndGradients(
  loss: LossFunction,
  variables: readonly tf.Variable[],
): { readonly loss: tf.Scalar; readonly gradients: ReadonlyMap<tf.Variable, tf.Tensor | null> } {
  try {
    const { value, grads } = tf.variableGrads(loss, [...variables]);
    return { loss: value, gradients: new Map(variables.map((variable) => [variable, grads[variable.name] ?? null])) };
  } catch (error) {
    const text = error instanceof Error ? error.message : '';
    const found = translations.find(({ says }) => says.test(text));
    if (found === undefined) throw error;
    throw new FlatminError(found.code, `${found.what} (${text}). ${found.remedy}`, { cause: error });
  }
}

/** Refuses what is no loss before anything happens. */
export function checkLoss(loss: unknown): asserts loss is LossFunction {
  if (typeof loss !== 'function') {
    throw new FlatminError('LOSS_INVALID', `the loss is ${show(loss)}. Pass a function that returns a tf.Scalar.`);
  }
}
