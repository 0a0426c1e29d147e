import { type Ascent, type Evaluate, mul, norm, normEpsilon, scale, sub, type WeightVector } from '@flatmin/core';
import * as tf from '@tensorflow/tfjs-core';

export type Curvature = 'diagonal' | 'secant' | 'exact';

/** A vector with the scalar it is still to be multiplied by: a product put off is n ops saved. */
export interface Scaled {
  readonly vector: WeightVector;
  readonly by: tf.Scalar;
}

/** Length of the central difference's step in weight space; in float32 about the best (see the golden files). */
const differenceStep = 1e-2;

/**
 * H d, where H is the Hessian of the training loss at theta + rho d:
 * - diagonal (the paper's): gp * gp * d, the Fisher diagonal of one batch;
 * - secant: (gp - g) / rho, from the two gradients at hand;
 * - exact: a central difference of two more gradients at theta + rho d +- 1e-2 d / ||d||.
 */
export function curvatureAlong(
  curvature: Curvature,
  { direction, clean, perturbed }: Ascent,
  rho: tf.Scalar,
  evaluate: Evaluate,
): Scaled {
  switch (curvature) {
    case 'diagonal':
      return { vector: mul(mul(perturbed, perturbed), direction), by: tf.scalar(1) };
    case 'secant':
      return { vector: sub(perturbed, clean), by: tf.div(1, rho) };
    case 'exact': {
      const length = tf.add<tf.Scalar>(norm(direction), normEpsilon);
      const reach = tf.div<tf.Scalar>(differenceStep, length);
      const ahead = evaluate({ offset: scale(direction, tf.add(rho, reach)) }).gradient;
      const behind = evaluate({ offset: scale(direction, tf.sub(rho, reach)) }).gradient;
      return { vector: sub(ahead, behind), by: tf.div(length, 2 * differenceStep) };
    }
  }
}
