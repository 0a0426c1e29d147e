import { type ParameterRole, type ParameterRoles, roleOf } from '@flatmin/core/plugin';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { sublayers } from './sublayers.js';

/** Layers all of whose weights have one role, whatever they are called. */
const roleOfLayer: Readonly<Record<string, ParameterRole>> = {
  BatchNormalization: 'normalization',
  LayerNormalization: 'normalization',
  Embedding: 'embedding',
  // Its slopes have the shape of the input, which would pass for a kernel or bias.
  PReLU: 'other',
};

/**
 * The role of each weight of a layers model, by variable name: what the class of its layer tells, else what its name
 * and shape do (`kernel`, `recurrent_kernel`, `bias`, ...), also inside nested models, wrappers and recurrent layers.
 *
 * {@link compile} passes it on when it makes the optimizer from a spec. Roles are fixed when an optimizer is made, so
 * give it yourself when you make one: ASAM scales kernels and embeddings only.
 *
 * @param model a built model (a `tf.Sequential` is, once it knows its input shape); before, it has no weights and no
 *   roles.
 * @example
 * ```ts
 * const asam = { use: 'asam', base: { use: 'sgd', learningRate: 0.1 } } as const;
 * const optimizer = createOptimizer(asam, { parameters: rolesOfModel(model) });
 * ```
 */
export function rolesOfModel(model: LayersModel): ParameterRoles {
  const roles: Record<string, ParameterRole> = {};
  for (const layer of sublayers(model)) {
    const role = roleOfLayer[layer.getClassName()];
    for (const weight of layer.weights) {
      // Outer layers come first: the innermost one, which has the weight, decides.
      roles[weight.name] = role ?? roleOf(weight.name, weight.shape as number[]);
    }
  }
  return roles;
}
