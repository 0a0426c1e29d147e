import {
  add,
  ascentOf,
  norm,
  normalize,
  normEpsilon,
  scale,
  type SharpnessVariant,
  type WeightVector,
} from '@flatmin/core';
import * as tf from '@tensorflow/tfjs-core';

/** The options of the algorithm; rho is an argument of each step. */
export interface SamSettings {
  readonly ascentSteps: number;
}

/**
 * SAM as a variant: epsilon = rho g / ||g||, the gradient at theta + epsilon goes to the base. With `ascentSteps` more ascents
 * of length rho follow, each along the normalized gradient where the last one ended.
 */
export function samVariant({ ascentSteps }: SamSettings): SharpnessVariant<unknown> {
  return {
    id: 'sam',
    radius: ascentSteps === 1 ? 'linear' : 'first-order',
    branch: () => 'step',
    initialState: () => ({}),
    estimate: ({ evaluate, radius: rho, state }) => {
      const { loss, gradient: clean } = evaluate();
      const length = norm(clean);
      const factor = tf.div<tf.Scalar>(rho, tf.add(length, normEpsilon));
      const first = (): WeightVector => scale(clean, factor);
      let offset = first();
      for (let j = 1; j < ascentSteps; j++) {
        offset = add(offset, scale(normalize(evaluate({ offset }).gradient), rho));
      }
      const { gradient: perturbed } = evaluate({ offset });
      const ascent = ascentOf(ascentSteps === 1 ? first : offset, rho, { clean, perturbed });
      const perturbationNorm = ascentSteps === 1 ? tf.mul<tf.Scalar>(factor, length) : norm(offset);
      // A copy of the weights that LETS, where memory is highest, would hold to the end of the step.
      if (ascentSteps === 1) tf.dispose([...offset]);
      return { loss, gradient: perturbed, state, ascent, report: { perturbationNorm } };
    },
  };
}
