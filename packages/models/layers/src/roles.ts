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
 * The role of each weight of a layers model, by variable name: from the class of its layer, otherwise from its name and
 * shape (`kernel`, `recurrent_kernel`, `bias`, ...), including those inside nested models, wrappers and recurrent
 * layers.
 *
 * {@link compile} passes the roles on when it creates the optimizer from a spec. Roles are fixed when an optimizer is
 * created, so pass them yourself when you create one: ASAM scales only kernels and embeddings.
 *
 * @param model a built model (a `tf.Sequential` is built once its input shape is known); before that, it has no weights
 *   and no roles.
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
