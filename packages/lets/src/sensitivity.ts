import {
  type Ascent,
  type Evaluate,
  mul,
  norm,
  normEpsilon,
  projectOut,
  scale,
  type Step,
  type StepOutcome,
  sub,
  type WeightVector,
  weightedSum,
} from '@flatmin/core';
import * as tf from '@tensorflow/tfjs-core';
import type { LetsSettings } from './settings.js';

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
export function curvatureAlong(curvature: Curvature, ascent: Ascent, rho: tf.Scalar, evaluate: Evaluate): Scaled {
  // Not taken apart: a direction costs ops when it is asked for, and the clean gradient of MSAM a pass.
  const { perturbed } = ascent;
  switch (curvature) {
    case 'diagonal':
      return { vector: mul(mul(perturbed, perturbed), ascent.direction), by: tf.scalar(1) };
    case 'secant':
      return { vector: sub(perturbed, ascent.clean), by: tf.div(1, rho) };
    case 'exact': {
      const { direction } = ascent;
      const length = tf.add<tf.Scalar>(norm(direction), normEpsilon);
      const reach = tf.div<tf.Scalar>(differenceStep, length);
      const ahead = evaluate({ offset: scale(direction, tf.add(rho, reach)) }).gradient;
      const behind = evaluate({ offset: scale(direction, tf.sub(rho, reach)) }).gradient;
      return { vector: sub(ahead, behind), by: tf.div(length, 2 * differenceStep) };
    }
  }
}

/** What the lower level leaves to the upper one. */
export interface Lower {
  /** z, an estimate of d theta / d rho. */
  readonly sensitivity?: WeightVector;
  /** Whether the perturbation was more than zero. */
  readonly used?: tf.Tensor;
}

/** A step that used rho, with z of the step before. */
interface LowerStep {
  readonly step: Pick<Step<unknown>, 'evaluate' | 'learningRate'>;
  readonly inner: StepOutcome<unknown>;
  readonly rho: tf.Scalar;
  readonly last: WeightVector | undefined;
}

/** z <- a z - eta q, where q = H d, projected off the step, and a is the memory. */
export function nextSensitivity(
  { curvature, projection, memory }: Pick<LetsSettings, 'curvature' | 'projection' | 'memory'>,
  { step, inner, rho, last }: LowerStep,
): Lower {
  const ascent = inner.ascent as Ascent;
  const { vector, by } = curvatureAlong(curvature, ascent, rho, step.evaluate);
  const projected = projection ? projectOut(vector, inner.gradient ?? ascent.perturbed) : undefined;
  const q = projected?.rest ?? vector;
  // Memory is highest in LETS's steps: a copy of the weights that is not needed any more goes at once.
  if (q !== vector) tf.dispose([...vector]);
  const used = projected && tf.greater(projected.squaredLength, 0);
  const rate = tf.mul<tf.Scalar>(step.learningRate, tf.neg(by));
  const { factor } = ascent;
  const eta = factor === undefined ? rate : tf.mul<tf.Scalar>(rate, factor);
  // A step without a gradient leaves z as it was.
  const remains = used === undefined ? memory : (tf.where(used, memory, 1) as tf.Scalar);
  const sensitivity = memory === 0 || last === undefined ? scale(q, eta) : weightedSum(remains, last, eta, q);
  tf.dispose([...q]);
  return { sensitivity, ...(used && { used }) };
}
