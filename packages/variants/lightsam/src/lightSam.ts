import { type Ascent, axpy, dot, norm, scale, type SharpnessVariant, squaredNorm } from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';

/** The options of the algorithm; rho is an argument of each step. */
export interface LightSamSettings {
  readonly epsilon: number;
}

/** Sums of squared gradient norms so far: u of the clean gradients, v of the perturbed ones. */
export interface LightSamState {
  readonly u: tf.Scalar;
  readonly v: tf.Scalar;
}

/** LightSAM as a variant, in its AdaGrad-Norm form: radius and learning rate both shrink as gradients add up. */
export function lightSamVariant({ epsilon }: LightSamSettings): SharpnessVariant<LightSamState> {
  return {
    id: 'lightsam',
    radius: 'linear',
    graphKey: () => 'step',
    initialState: () => ({ u: tf.scalar(epsilon ** 2), v: tf.scalar(epsilon ** 2) }),
    estimate: ({ evaluate, radius: rho, state }) => {
      const { loss, gradient: s } = evaluate();
      const u = tf.add<tf.Scalar>(state.u, squaredNorm(s));
      const direction = scale(s, tf.rsqrt(u));
      const offset = scale(direction, rho);
      const perturbed = evaluate({ offset }).gradient;
      const v = tf.add<tf.Scalar>(state.v, squaredNorm(perturbed));
      const factor = tf.rsqrt<tf.Scalar>(v);
      const point = { direction, clean: s, perturbed, factor };
      const ascent: Ascent = {
        ...point,
        // d (gp / sqrt(v)), where v holds ||gp||^2.
        derivative: (along) => {
          const d = along(point);
          return scale(axpy(tf.neg(tf.div<tf.Scalar>(dot(perturbed, d), v)), perturbed, d), factor);
        },
      };
      // The base multiplies by the learning rate: plain SGD makes it the paper's eta / sqrt(v).
      return {
        loss,
        gradient: scale(perturbed, factor),
        state: { u, v },
        ascent,
        metrics: { perturbationNorm: norm(offset) },
      };
    },
  };
}
