import type * as tf from '@tensorflow/tfjs-core';
import { ascentOf, damped, through, withMembers } from './ascent.js';
import type { Ascent, VariantMetrics, Step, StepOutcome } from './variant.js';
import { norm, normRatio, projectOut, scale, type WeightVector } from '../tensors/weightVector.js';

/** What every step that climbs once, by one offset, tells of it. */
export interface Climb {
  /** The gradient at theta_t + offset. */
  readonly perturbed: WeightVector;
  /** The loss there: how much the ascent raised it, less the clean one. */
  readonly perturbedLoss: tf.Scalar;
  readonly ascent: Ascent;
  readonly metrics: VariantMetrics;
}

/**
 * Evaluates at theta_t + offset, one gradient; the clean one is evaluated too unless it has been.
 *
 * @param offset proportional to `step.radius`.
 * @param factor as in {@link Ascent}.
 */
export function ascend(
  step: Pick<Step<unknown>, 'evaluate' | 'radius'>,
  offset: WeightVector,
  factor?: Ascent['factor'],
): Climb {
  const { gradient: clean } = step.evaluate();
  const { gradient: perturbed, loss: perturbedLoss } = step.evaluate({ offset });
  const ascent = ascentOf(offset, step.radius, { clean, perturbed, ...(factor === undefined ? {} : { factor }) });
  return { perturbed, perturbedLoss, ascent, metrics: { perturbationNorm: norm(offset) } };
}

/**
 * The outcome with its final gradient scaled to the length of the clean one, ghat ||g|| / (||ghat|| + 1e-12): Stable SAM, and
 * the `normMatch` of LETS. Its ascent says so: what rho changes of the length of ghat is lost, and the rest is scaled as ghat is.
 * A step that did not climb, or gives the base no gradient, is as it was.
 */
export function matchCleanNorm<S>(outcome: StepOutcome<S>): StepOutcome<S> {
  const { ascent, gradient } = outcome;
  if (ascent === undefined || gradient === undefined) return outcome;
  const ratio = normRatio(ascent.clean, gradient);
  const { derivative } = through(ascent, (change) => scale(projectOut(change, gradient).rest, ratio));
  return { ...outcome, gradient: scale(gradient, ratio), ascent: withMembers(damped(ascent, ratio), { derivative }) };
}
