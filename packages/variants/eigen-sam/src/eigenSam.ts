import {
  ascend,
  axpy,
  dot,
  norm,
  normalize,
  normEpsilon,
  ofLength,
  scale,
  type SharpnessVariant,
  type Step,
  sub,
  type WeightVector,
} from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';

/** The options of the algorithm; rho is an argument of each step. */
export interface EigenSamSettings {
  readonly alpha: number;
  /** Steps for which an estimate of the eigenvector is used. */
  readonly refreshEvery: number;
  /** Power iterations of an estimate. */
  readonly iterations: number;
}

export interface EigenSamState {
  /** The estimate of the top eigenvector, of length 1. Absent before the first step. */
  readonly v?: WeightVector;
  /** Steps that used it. */
  readonly age: number;
}

interface Estimated extends EigenSamState {
  readonly v: WeightVector;
  /** <v, H v>, with v before its last product, on steps that estimate v again. */
  readonly eigenvalue?: tf.Scalar;
}

/** How far along v the two gradients of H v are taken: in float32 about the best, as measured for LETS. */
const differenceStep = 1e-2;

/** H v, by a central difference of gradients: TF.js has no second derivatives of most operations. */
function hessianTimes({ evaluate }: Step<unknown>, v: WeightVector): WeightVector {
  const at = (by: number) => evaluate({ shift: scale(v, by) }).gradient;
  return scale(sub(at(differenceStep), at(-differenceStep)), 1 / (2 * differenceStep));
}

const isRefresh = ({ v, age }: EigenSamState, { refreshEvery }: EigenSamSettings): boolean =>
  v === undefined || age >= refreshEvery;

/** The top eigenvector by power iterations, which begin where the last ones ended. */
function eigenvector(step: Step<EigenSamState>, settings: EigenSamSettings): Estimated {
  const { random, state, weights } = step;
  if (state.v !== undefined && !isRefresh(state, settings)) return { v: state.v, age: state.age + 1 };
  const stream = random.at('eigenvector');
  let v = state.v ?? normalize(weights.map(({ shape }, i) => stream.at(i).normal(shape)));
  let eigenvalue: tf.Scalar | undefined;
  for (let i = 0; i < settings.iterations; i++) {
    const product = hessianTimes(step, v);
    const length = norm(product);
    eigenvalue = dot(v, product);
    const last = v;
    // Where there is no curvature v stays, for a later batch that has some.
    const hasLength = tf.greater(length, normEpsilon);
    v = normalize(product, length).map((tensor, j) => tf.where(hasLength, tensor, last[j] as tf.Tensor));
  }
  return { v, age: 1, ...(eigenvalue && { eigenvalue }) };
}

/** g / ||g|| with alpha of the part of v across it, on the side of v that the gradient is on. */
function aligned(g: WeightVector, v: WeightVector, alpha: number): WeightVector {
  const unit = normalize(g);
  const along = dot(unit, v);
  const across = axpy(tf.neg(along), unit, v);
  return axpy(tf.mul<tf.Scalar>(alpha, tf.sign(along)), across, unit);
}

/**
 * Eigen-SAM as a variant: SAM whose offset is turned towards the top eigenvector v of the Hessian.
 *
 *     v       <- H v / ||H v||, `iterations` times, every `refreshEvery`-th step
 *     u       = g / (||g|| + 1e-12)
 *     d       = u + alpha sign(<u, v>) (v - <u, v> u)
 *     epsilon = rho d / (||d|| + 1e-12)
 *     theta   <- base step at theta with grad L(theta + epsilon)
 */
export function eigenSamVariant(settings: EigenSamSettings): SharpnessVariant<EigenSamState> {
  const { alpha } = settings;
  return {
    id: 'eigen-sam',
    radius: 'linear',
    // The age is part of the key: a refresh sets it, and a graph adds to it always as much.
    graphKey: ({ state }) => (alpha !== 0 && isRefresh(state, settings) ? `refresh ${state.age}` : 'step'),
    initialState: () => ({ age: 0 }),
    estimate: (step) => {
      const { loss, gradient: g } = step.evaluate();
      if (alpha === 0) {
        const { perturbed, ascent, metrics } = ascend(step, ofLength(g, step.radius));
        return { loss, gradient: perturbed, state: step.state, ascent, metrics };
      }
      const { eigenvalue, ...state } = eigenvector(step, settings);
      const d = normalize(aligned(g, state.v, alpha));
      const { perturbed, ascent, metrics } = ascend(step, scale(d, step.radius));
      const alignment = tf.abs(dot(d, state.v));
      const told = { ...metrics, alignment, ...(eigenvalue && { eigenvalue }) };
      return { loss, gradient: perturbed, state, ascent, metrics: told };
    },
    // The mean of eigenvectors, whose signs are nobody's, is none: parts of a batch go on with that of the first.
    mergeStates: ([first]) => first as EigenSamState,
  };
}
