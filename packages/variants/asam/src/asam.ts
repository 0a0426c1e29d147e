import {
  ascentOf,
  norm,
  normEpsilon,
  type ParameterInfo,
  type ParameterRole,
  scale,
  type SharpnessVariant,
  type WeightVector,
} from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';

/** The options of the algorithm; rho is an argument of each step. */
export interface AsamSettings {
  readonly eta: number;
  readonly adaptiveRoles: readonly ParameterRole[];
}

/** T = |w| + eta where weights are scaled, undefined (one) elsewhere. */
function operator(weights: WeightVector, parameters: readonly ParameterInfo[], { eta, adaptiveRoles }: AsamSettings) {
  return weights.map((w, i) => {
    const role = parameters[i]?.role;
    if (role === undefined || !adaptiveRoles.includes(role)) return undefined;
    return eta === 0 ? tf.abs(w) : tf.add(tf.abs(w), eta);
  });
}

/** ASAM as a variant: epsilon = rho T^2 g / ||T g||, the gradient at theta + epsilon goes to the base. */
export function asamVariant(settings: AsamSettings): SharpnessVariant<unknown> {
  return {
    id: 'asam',
    radius: 'linear',
    graphKey: () => 'step',
    initialState: () => ({}),
    estimate: ({ evaluate, parameters, radius: rho, state, weights }) => {
      const { loss, gradient } = evaluate();
      const T = operator(weights, parameters, settings);
      const times = (vector: WeightVector): WeightVector =>
        vector.map((v, i) => (T[i] === undefined ? v : tf.mul(v, T[i])));
      const scaled = times(gradient);
      const offset = scale(times(scaled), tf.div(rho, tf.add(norm(scaled), normEpsilon)));
      const perturbed = evaluate({ offset }).gradient;
      const ascent = ascentOf(offset, rho, { clean: gradient, perturbed });
      return { loss, gradient: perturbed, state, ascent, metrics: { perturbationNorm: norm(offset) } };
    },
  };
}
