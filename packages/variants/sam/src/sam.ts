import {
  add,
  ascentOf,
  batchParts,
  mean,
  norm,
  normalize,
  normEpsilon,
  scale,
  type Evaluate,
  type LossFunction,
  type SharpnessVariant,
  type Step,
  type StepOutcome,
  type WeightVector,
} from '@flatmin/core';
import * as tf from '@tensorflow/tfjs-core';

/** The options of the algorithm; rho is an argument of each step. */
export interface SamSettings {
  readonly ascentSteps: number;
  readonly microBatches: number;
}

interface Climb {
  readonly loss: tf.Scalar;
  readonly offset: WeightVector;
  readonly offsetNorm: () => tf.Scalar;
  readonly clean: WeightVector;
  readonly perturbed: WeightVector;
}

/** `ascentSteps` steps of length rho along the normalized gradient, each from where the last one ended; then the gradient there. */
function climb(evaluate: Evaluate, loss: LossFunction, rho: tf.Scalar, ascentSteps: number): Climb {
  const { loss: cleanLoss, gradient: clean } = evaluate({ loss });
  const length = norm(clean);
  const factor = tf.div<tf.Scalar>(rho, tf.add(length, normEpsilon));
  let offset = scale(clean, factor);
  for (let j = 1; j < ascentSteps; j++) {
    offset = add(offset, scale(normalize(evaluate({ loss, offset }).gradient), rho));
  }
  const perturbed = evaluate({ loss, offset }).gradient;
  const offsetNorm = (): tf.Scalar => (ascentSteps === 1 ? tf.mul(factor, length) : norm(offset));
  return { loss: cleanLoss, offset, offsetNorm, clean, perturbed };
}

/** m-sharpness: each part of the batch is perturbed by its own gradient; losses and gradients are averaged by size. */
function climbInParts(step: Step<unknown>, { ascentSteps, microBatches }: SamSettings): StepOutcome<unknown> {
  const parts = batchParts(step.loss, microBatches, 'sam with microBatches');
  const climbs = parts.map(({ loss }) => climb(step.evaluate, loss, step.radius, ascentSteps));
  const weights = parts.map(({ share }) => share);
  const average = (of: (climb: Climb) => WeightVector): WeightVector => mean(climbs.map(of), weights);
  const perturbed = average((c) => c.perturbed);
  const offset = average((c) => c.offset);
  const ascent = ascentOf(offset, step.radius, { clean: average((c) => c.clean), perturbed });
  const [loss] = mean(
    climbs.map((c) => [c.loss]),
    weights,
  ) as [tf.Scalar];
  return { loss, gradient: perturbed, state: step.state, ascent };
}

/** SAM as a variant: epsilon = rho g / ||g||, the gradient at theta + epsilon goes to the base. */
export function samVariant(settings: SamSettings): SharpnessVariant<unknown> {
  const { ascentSteps, microBatches } = settings;
  return {
    id: 'sam',
    radius: ascentSteps === 1 && microBatches === 1 ? 'linear' : 'first-order',
    initialState: () => ({}),
    estimate: (step) => {
      if (microBatches > 1) return climbInParts(step, settings);
      const { loss, offset, offsetNorm, clean, perturbed } = climb(step.evaluate, step.loss, step.radius, ascentSteps);
      const ascent = ascentOf(offset, step.radius, { clean, perturbed });
      return { loss, gradient: perturbed, state: step.state, ascent, report: { perturbationNorm: offsetNorm() } };
    },
  };
}
