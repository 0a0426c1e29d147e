import {
  add,
  type Ascent,
  type AscentPoint,
  ascentOf,
  axpy,
  norm,
  normalize,
  normEpsilon,
  ofLength,
  type PointDerivative,
  projectOut,
  scale,
  type SharpnessVariant,
  type Step,
  type StepOutcome,
  type WeightVector,
} from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';

/** The options of the algorithm; rho is an argument of each step. */
export interface SamSettings {
  readonly ascentSteps: number;
}

/** One ascent: epsilon = rho g / ||g||. */
function single({ evaluate, radius: rho, state }: Step<unknown>): StepOutcome<unknown> {
  const { loss, gradient: clean } = evaluate();
  const length = norm(clean);
  const factor = tf.div<tf.Scalar>(rho, tf.add(length, normEpsilon));
  const toOffset = (): WeightVector => scale(clean, factor);
  const offset = toOffset();
  const { gradient: perturbed } = evaluate({ offset });
  const ascent = ascentOf(toOffset, rho, { clean, perturbed });
  // A copy of the weights that LETS, where memory is highest, would hold to the end of the step.
  tf.dispose([...offset]);
  return { loss, gradient: perturbed, state, ascent, metrics: { perturbationNorm: tf.mul<tf.Scalar>(factor, length) } };
}

/** Where each of several ascents ended, with the gradient there. */
interface Path {
  readonly clean: WeightVector;
  readonly stops: readonly { readonly offset: WeightVector; readonly gradient: WeightVector }[];
  readonly rho: tf.Scalar;
}

/**
 * How stop j of a path moves with rho, as a point: its offset moves as those before it did. At rho 0 all stops are
 * theta.
 */
function pointAt(path: Path, j: number, along: PointDerivative): AscentPoint {
  const { clean, rho, stops } = path;
  const stop = stops[j] as Path['stops'][number];
  let direction: WeightVector | undefined;
  const point: AscentPoint = {
    clean,
    origin: clean,
    perturbed: stop.gradient,
    get direction() {
      return (direction ??= movementOf(path, j, along));
    },
    get constant() {
      return axpy(tf.neg(rho), point.direction, stop.offset);
    },
  };
  return point;
}

/**
 * d o_j / d rho: o_{j+1} = o_j + rho u_j, u_j = g_j / ||g_j||, moves by d o_j + u_j + rho (dg_j - <u_j, dg_j> u_j)
 * / ||g_j||.
 */
function movementOf(path: Path, j: number, along: PointDerivative): WeightVector {
  if (j === 0) return normalize(path.clean);
  const last = pointAt(path, j - 1, along);
  const { perturbed: gradient, direction } = last;
  const turned = projectOut(along(last), gradient).rest;
  const share = tf.div<tf.Scalar>(path.rho, tf.add(norm(gradient), normEpsilon));
  return axpy(share, turned, add(direction, normalize(gradient)));
}

/** Several ascents of length rho each, the next along the normalized gradient where the last one ended. */
function several({ evaluate, radius: rho, state }: Step<unknown>, ascentSteps: number): StepOutcome<unknown> {
  const { loss, gradient: clean } = evaluate();
  let offset = ofLength(clean, rho);
  const stops = [{ offset, gradient: evaluate({ offset }).gradient }];
  while (stops.length < ascentSteps) {
    offset = add(offset, scale(normalize((stops.at(-1) as Path['stops'][number]).gradient), rho));
    stops.push({ offset, gradient: evaluate({ offset }).gradient });
  }
  const { gradient: perturbed } = stops.at(-1) as Path['stops'][number];
  const path: Path = { clean, stops, rho };
  const derivative: Ascent['derivative'] = (along) => along(pointAt(path, stops.length - 1, along));
  const ascent = ascentOf(offset, rho, { clean, perturbed, derivative });
  return { loss, gradient: perturbed, state, ascent, metrics: { perturbationNorm: norm(offset) } };
}

/**
 * SAM as a variant: epsilon = rho g / ||g||, the gradient at theta + epsilon goes to the base. With `ascentSteps` more
 * ascents of length rho follow, each along the normalized gradient where the last one ended.
 */
export function samVariant({ ascentSteps }: SamSettings): SharpnessVariant<unknown> {
  return {
    id: 'sam',
    radius: ascentSteps === 1 ? 'linear' : 'first-order',
    graphKey: () => 'step',
    initialState: () => ({}),
    estimate: (step) => (ascentSteps === 1 ? single(step) : several(step, ascentSteps)),
  };
}
