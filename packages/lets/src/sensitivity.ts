import {
  type Ascent,
  type AscentPoint,
  axpy,
  type BaseMemory,
  derivativeOf,
  type Evaluate,
  mul,
  norm,
  normEpsilon,
  type projectOut,
  scale,
  scaleEach,
  type Step,
  type StepOutcome,
  sub,
  type WeightVector,
  weightedSum,
} from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';
import type { Curvature, LetsSettings } from './settings.js';

/** A vector with the scalar it is still to be multiplied by: a product put off is n ops saved. */
export interface Scaled {
  readonly vector: WeightVector;
  readonly by: tf.Scalar;
}

/** Length of the central difference's step in weight space; in float32 about the best (see the golden files). */
const differenceStep = 1e-2;

/**
 * H d of one point, where H is the Hessian of its loss at its offset o = constant + rho d:
 * - diagonal (the paper's): gp * gp * d, the Fisher diagonal of one batch;
 * - secant: (gp - g) / rho, from the two gradients at hand, g the one where rho is 0;
 * - exact: a central difference of two more gradients at o +- 1e-2 d / ||d||.
 */
export function curvatureAlong(curvature: Curvature, point: AscentPoint, rho: tf.Scalar, evaluate: Evaluate): Scaled {
  // Not taken apart: a direction costs ops when it is asked for, and the clean gradient of MSAM a pass.
  const { constant, perturbed } = point;
  const gradientAt = point.gradientAt ?? ((offset) => evaluate({ offset }).gradient);
  switch (curvature) {
    case 'diagonal':
      return { vector: mul(mul(perturbed, perturbed), point.direction), by: tf.scalar(1) };
    case 'secant': {
      const origin = point.origin ?? (constant === undefined ? point.clean : gradientAt(constant));
      return { vector: sub(perturbed, origin), by: tf.div(1, rho) };
    }
    case 'exact': {
      const { direction } = point;
      const length = tf.add<tf.Scalar>(norm(direction), normEpsilon);
      const reach = tf.div<tf.Scalar>(differenceStep, length);
      const offset = (by: tf.Scalar): WeightVector =>
        constant === undefined ? scale(direction, by) : axpy(by, direction, constant);
      const ahead = gradientAt(offset(tf.add(rho, reach)));
      const behind = gradientAt(offset(tf.sub(rho, reach)));
      return { vector: sub(ahead, behind), by: tf.div(length, 2 * differenceStep) };
    }
  }
}

/**
 * d(final gradient) / d rho, `by` still to be multiplied: of one point without a product more, else all that the ascent
 * says.
 */
function finalDerivative(curvature: Curvature, ascent: Ascent, rho: tf.Scalar, evaluate: Evaluate): Scaled {
  if (ascent.derivative === undefined && ascent.others === undefined) {
    const { vector, by } = curvatureAlong(curvature, ascent, rho, evaluate);
    return { vector, by: ascent.factor === undefined ? by : tf.mul<tf.Scalar>(by, ascent.factor) };
  }
  const vector = derivativeOf(ascent, (point) => {
    const along = curvatureAlong(curvature, point, rho, evaluate);
    const change = scale(along.vector, along.by);
    tf.dispose([...along.vector]);
    return change;
  });
  return { vector, by: tf.scalar(1) };
}

/**
 * What the weights move along, but for its length: the gradient that the base gets, and what a variant adds by itself.
 */
function stepDirection({ gradient, update, ascent }: StepOutcome<unknown>, learningRate: tf.Scalar): WeightVector {
  if (update === undefined) return gradient ?? (ascent as Ascent).perturbed;
  return gradient === undefined ? update : axpy(tf.divNoNan<tf.Scalar>(-1, learningRate), update, gradient);
}

/** How the step of the variant moves with rho, before the base has taken it. */
export interface StepChange {
  /** d(final gradient) / d rho. */
  readonly derivative: Scaled;
  /** True where the derivative is LETS's own to free. */
  readonly isOwn: boolean;
  /** What the weights move along, but for its length. */
  readonly direction: WeightVector;
}

/**
 * The change of a step that used rho. Where its offsets were scaled, that of a variable is by its own radius, the
 * others' at rest: the blocks of H between groups are left out.
 */
export function changeOf(
  curvature: Curvature,
  { evaluate, learningRate }: Pick<Step<unknown>, 'evaluate' | 'learningRate'>,
  outcome: StepOutcome<unknown>,
  rho: tf.Scalar,
  scales?: tf.Tensor1D,
): StepChange {
  const ascent = outcome.ascent as Ascent;
  const derivative = finalDerivative(curvature, ascent, rho, evaluate);
  return {
    derivative:
      scales === undefined
        ? derivative
        : { ...derivative, vector: scaleEach(derivative.vector, tf.reciprocal(scales)) },
    isOwn: scales !== undefined || ascent.derivative === undefined,
    direction: stepDirection(outcome, learningRate),
  };
}

/** The change of a step as it reaches the base: centralized, and by the learning rates of groups. */
export function reaching(base: Pick<BaseMemory, 'reaching'>, change: StepChange): StepChange {
  const { derivative, direction } = change;
  const vector = base.reaching(derivative.vector);
  if (vector === derivative.vector) return change;
  return { derivative: { ...derivative, vector }, direction: base.reaching(direction), isOwn: true };
}

/** What z is made of besides. */
export interface LastAndBase {
  readonly learningRate: tf.Scalar;
  /** z of the step before. */
  readonly last: WeightVector | undefined;
  /** The base's P; absent: 1. */
  readonly preconditioner?: WeightVector | undefined;
  /** Takes the component along the step away; absent: it stays. */
  readonly project?: typeof projectOut | undefined;
}

/** What the lower level leaves to the upper one. */
export interface Lower {
  /** z, an estimate of d theta / d rho. */
  readonly sensitivity: WeightVector;
  /** Whether the perturbation was more than zero. */
  readonly used?: tf.Tensor;
}

/**
 * z <- a z - eta P q, where q = H d, a is the memory and P the base's preconditioner, or 1; P q is projected off the
 * step P gp.
 */
export function nextSensitivity(
  { memory }: Pick<LetsSettings, 'memory'>,
  { derivative: { vector, by }, isOwn, direction }: StepChange,
  { learningRate, last, preconditioner, project }: LastAndBase,
): Lower {
  // Memory is highest in LETS's steps: a copy of the weights that is not needed any more goes at once, unless a variant
  // made it.
  const release = (tensors: WeightVector): void => {
    tf.dispose(tensors.filter((each) => isOwn || !vector.includes(each)));
  };
  const moved = preconditioner === undefined ? vector : mul(preconditioner, vector);
  if (moved !== vector) release(vector);
  const along = preconditioner === undefined ? direction : mul(preconditioner, direction);
  const projected = project?.(moved, along);
  const q = projected?.rest ?? moved;
  if (q !== moved) release(moved);
  const used = projected && tf.greater(projected.squaredLength, 0);
  const eta = tf.mul<tf.Scalar>(learningRate, tf.neg(by));
  // A step without a gradient leaves z as it was.
  const remains = used === undefined ? tf.scalar(memory) : (tf.where(used, memory, 1) as tf.Scalar);
  const sensitivity = q.flatMap((each, i) => {
    const before = memory === 0 ? undefined : last?.[i];
    const next = before === undefined ? scale([each], eta) : weightedSum(remains, [before], eta, [each]);
    release([each]);
    return next;
  });
  return { sensitivity, ...(used && { used }) };
}
