import { ascend, dot, normEpsilon, scale, type SharpnessVariant, type WeightVector } from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';

/** The options of the algorithm; rho is an argument of each step. */
export interface FisherSamSettings {
  readonly eta: number;
}

/** F^-1 g with F = diag(1 + eta g^2). */
function natural(g: WeightVector, eta: number): WeightVector {
  return g.map((tensor) => tf.div(tensor, tf.add(1, tf.mul(eta, tf.square(tensor)))));
}

/**
 * Fisher SAM as a variant: epsilon = rho F^-1 g / sqrt(g^T F^-1 g), the worst point of the ellipsoid epsilon^T F
 * epsilon = rho^2.
 */
export function fisherSamVariant({ eta }: FisherSamSettings): SharpnessVariant<unknown> {
  return {
    id: 'fisher-sam',
    radius: 'linear',
    graphKey: () => 'step',
    initialState: () => ({}),
    estimate: (step) => {
      const { loss, gradient: g } = step.evaluate();
      const direction = natural(g, eta);
      const length = tf.sqrt(dot(g, direction));
      const offset = scale(direction, tf.div(step.radius, tf.add(length, normEpsilon)));
      const { perturbed, ascent, metrics } = ascend(step, offset);
      return { loss, gradient: perturbed, state: step.state, ascent, metrics };
    },
  };
}
