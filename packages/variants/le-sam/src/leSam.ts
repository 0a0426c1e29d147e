import { ascend, norm, normEpsilon, scale, type SharpnessVariant } from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';

/** The options of the algorithm; sigma is the argument of each step that is rho elsewhere. */
export interface LeSamSettings {
  readonly rhoMax: number;
  readonly epsilon: number;
}

/**
 * LE-SAM as a variant: fixes the rise of the loss, sigma, and derives rho_t = min(sigma / (||g|| + c), rhoMax) from it.
 */
export function leSamVariant({ rhoMax, epsilon: c }: LeSamSettings): SharpnessVariant<unknown> {
  return {
    id: 'le-sam',
    radius: 'linear',
    graphKey: () => 'step',
    initialState: () => ({}),
    estimate: (step) => {
      const { radius: sigma, state } = step;
      const { loss, gradient: g } = step.evaluate();
      const length = norm(g);
      const wanted = tf.div<tf.Scalar>(sigma, tf.add(length, c));
      const rho = tf.minimum<tf.Scalar>(wanted, rhoMax);
      const capped = tf.cast<tf.Scalar>(tf.greater(wanted, rhoMax), 'float32');
      const offset = scale(g, tf.div(rho, tf.add(length, normEpsilon)));
      // At the cap the offset no longer depends on sigma, and its derivative is zero.
      const { perturbed, ascent, metrics } = ascend(step, offset, tf.sub<tf.Scalar>(1, capped));
      return { loss, gradient: perturbed, state, ascent, metrics: { ...metrics, radius: rho, capped } };
    },
  };
}
