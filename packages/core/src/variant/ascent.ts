import * as tf from '@tensorflow/tfjs-core';
import type { Ascent, AscentPoint, PointDerivative } from './variant.js';
import { add, scale, type WeightVector } from '../tensors/weightVector.js';

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
export function withMembers<T extends AscentPoint>(point: T, changed: Partial<T>): T {
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
 * The ascent of a step whose offset was `offset`. Its direction, offset / rho, is computed when somebody asks for it: n ops
 * that a step without LETS's diagonal curvature does not need. Nor does the offset have to be held for it where it can be
 * computed again.
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

/** The ascent of a step whose final gradient went through something more: `change` takes its derivative there, by the chain rule. */
export function through(
  ascent: Ascent,
  change: (derivative: WeightVector) => WeightVector,
): Ascent & Required<Pick<Ascent, 'derivative'>> {
  const derivative = (along: PointDerivative): WeightVector => change(derivativeOf(ascent, along));
  return withMembers<Ascent>(ascent, { derivative }) as Ascent & Required<Pick<Ascent, 'derivative'>>;
}

/** An ascent of whose gradient only `by` reaches the step, a number free of rho: its factors times `by`. Its direction stays uncomputed. */
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

/** The point of a pass that was not the step's own, as of a part of the batch: its gradient elsewhere is what `gradientAt` gives. */
export function takenBy(point: AscentPoint, gradientAt: NonNullable<AscentPoint['gradientAt']>): AscentPoint {
  return point.gradientAt === undefined ? withMembers(point, { gradientAt }) : point;
}
