import { show } from './errors.js';
import { isTensor } from './stateTree.js';
import type { WeightVector } from './variant.js';

/**
 * What is wrong with what should be one tensor per weight, in its shape; undefined where nothing is. A smaller one would be broadcast.
 *
 * @returns continues a sentence: `has 2 tensors for 3 variables`.
 */
export function vectorFault(vector: unknown, weights: WeightVector): string | undefined {
  if (!Array.isArray(vector) || !vector.every(isTensor))
    return `is ${isTensor(vector) ? 'a tensor' : show(vector)}, not a list of tensors`;
  if (vector.length !== weights.length) return `has ${vector.length} tensors for ${weights.length} variables`;
  const i = vector.findIndex(({ shape }, at) => shape.join() !== weights[at]?.shape.join());
  if (i < 0) return undefined;
  return `has shape [${vector[i]?.shape.join(', ')}] at ${i}, the variable [${weights[i]?.shape.join(', ')}]`;
}
