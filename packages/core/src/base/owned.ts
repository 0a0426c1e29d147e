import type * as tf from '@tensorflow/tfjs-core';
import { FlatminError, show } from '../errors/errors.js';
import { runPlugin } from '../errors/faults.js';
import type { BaseOptimizer } from './contract.js';
import { isGone } from '../tensors/tensors.js';

/**
 * The variables that a base made for itself.
 *
 * @throws FlatminError VARIABLES_CHANGED where somebody disposed one: `tf.disposeVariables` frees those of optimizers
 *   as well.
 */
export function ownedBy(base: BaseOptimizer | undefined): ReadonlySet<tf.Variable> {
  if (base === undefined) return new Set();
  const owned = runPlugin(`the base ${base.id}`, 'naming its variables', () => new Set(base.owned()));
  for (const variable of owned) {
    if (!isGone(variable)) continue;
    throw new FlatminError(
      'VARIABLES_CHANGED',
      `the variable ${show(variable.name)} of the base ${base.id} is disposed: tf.disposeVariables also frees what optimizers remember. ` +
        'Create a new optimizer.',
    );
  }
  return owned;
}
