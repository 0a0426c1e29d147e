import * as tf from '@tensorflow/tfjs-core';
import type { Ascent, AscentPoint, PointDerivative, VariantMetrics, Step, StepOutcome } from './variant.js';
import { add, scale, type WeightVector, norm, normRatio, projectOut } from '../tensors/weightVector.js';

const members = [
  'direction',
  'constant',
  'clean',
  'perturbed',
  'origin',
  'factor',
  'gradientAt',
  'others',
  'derivative',
] as const;

/** The same point or ascent but for some members; nothing of it is computed before somebody asks. */
function withMembers<T extends AscentPoint>(point: T, changed: Partial<T>): T {
  const copy = {};
  for (const key of members) {
    if (!(key in point)) continue;
    Object.defineProperty(copy, key, {
      enumerable: true,
      configurable: true,
      get: () => (point as Partial<Ascent>)[key],
    });
  }
  return Object.defineProperties(copy, Object.getOwnPropertyDescriptors(changed)) as T;
}

/**
 * The ascent of a step whose offset was `offset`. Its direction, offset / rho, is computed on demand: n ops that a step
 * without LETS's diagonal curvature does not need. If the offset can be computed again, it need not be held for this
 * either.
 */
export function ascentOf(
  offset: WeightVector | (() => WeightVector),
  rho: tf.Scalar,
  others: Omit<Ascent, 'direction'>,
): Ascent {
  let direction: WeightVector | undefined;
  const lazy = {
    get direction() {
      direction ??= scale(typeof offset === 'function' ? offset() : offset, tf.divNoNan(1, rho));
      return direction;
    },
  };
  // Not spread: the others may be computed on demand too.
  return Object.defineProperties(lazy, Object.getOwnPropertyDescriptors(others)) as Ascent;
}

/** d(final gradient) / d rho of an ascent, where `along` gives that of each point's gradient. */
export function derivativeOf(ascent: Ascent, along: PointDerivative): WeightVector {
  if (ascent.derivative !== undefined) return ascent.derivative(along);
  const terms = [ascent, ...(ascent.others ?? [])].map((point): WeightVector => {
    const term = along(point);
    return point.factor === undefined ? term : scale(term, point.factor);
  });
  return terms.reduce(add);
}

/**
 * The ascent of a step that transforms its gradient further: `change` maps the derivative of the gradient to that of
 * the transformed one, by the chain rule.
 */
export function through(
  ascent: Ascent,
  change: (derivative: WeightVector) => WeightVector,
): Ascent & Required<Pick<Ascent, 'derivative'>> {
  const derivative = (along: PointDerivative): WeightVector => change(derivativeOf(ascent, along));
  return withMembers<Ascent>(ascent, { derivative }) as Ascent & Required<Pick<Ascent, 'derivative'>>;
}

/**
 * An ascent of whose gradient only the share `by` reaches the step, a number that does not depend on rho: its factors
 * times `by`. Its direction is not computed for this.
 */
export function damped(ascent: Ascent, by: number | tf.Scalar): Ascent {
  const times = ({ factor = 1 }: AscentPoint): number | tf.Scalar =>
    typeof factor === 'number' && typeof by === 'number' ? factor * by : tf.mul<tf.Scalar>(factor, by);
  const { derivative, others } = ascent;
  return withMembers(ascent, {
    factor: times(ascent),
    ...(others && { others: others.map((point) => withMembers(point, { factor: times(point) })) }),
    ...(derivative && { derivative: (along: PointDerivative) => scale(derivative(along), by) }),
  });
}

/**
 * The point of a pass that was not the step's own, as of a part of the batch: its gradient elsewhere is what
 * `gradientAt` gives.
 */
export function takenBy(point: AscentPoint, gradientAt: NonNullable<AscentPoint['gradientAt']>): AscentPoint {
  return point.gradientAt === undefined ? withMembers(point, { gradientAt }) : point;
}

/** An ascent all of whose points were taken by `gradientAt`, but for those that say themselves how they were. */
export function everywhere(ascent: Ascent, gradientAt: NonNullable<AscentPoint['gradientAt']>): Ascent {
  const { derivative, others } = ascent;
  return withMembers<Ascent>(ascent, {
    ...(ascent.gradientAt === undefined && { gradientAt }),
    ...(others && { others: others.map((point) => takenBy(point, gradientAt)) }),
    ...(derivative && {
      derivative: (along: PointDerivative) => derivative((point) => along(takenBy(point, gradientAt))),
    }),
  });
}

/** What every step that climbs once, by one offset, reports about it. */
export interface Climb {
  /** The gradient at theta_t + offset. */
  readonly perturbed: WeightVector;
  /** The loss there; minus the clean loss, it is how much the ascent raised it. */
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
 * The outcome with its final gradient scaled to the length of the clean one, ghat ||g|| / (||ghat|| + 1e-12): Stable
 * SAM, and the `normMatch` of LETS. Its ascent accounts for this: the change of ghat's length with rho is dropped, and
 * the rest is scaled as ghat is. A step that did not climb, or that gives the base no gradient, is unchanged.
 */
export function matchCleanNorm<S>(outcome: StepOutcome<S>): StepOutcome<S> {
  const { ascent, gradient } = outcome;
  if (ascent === undefined || gradient === undefined) return outcome;
  const ratio = normRatio(ascent.clean, gradient);
  const { derivative } = through(ascent, (change) => scale(projectOut(change, gradient).rest, ratio));
  return { ...outcome, gradient: scale(gradient, ratio), ascent: withMembers(damped(ascent, ratio), { derivative }) };
}
