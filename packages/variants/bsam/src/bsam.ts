import {
  add,
  type AscentPoint,
  axpy,
  norm,
  scale,
  type SharpnessVariant,
  type Step,
  through,
  type WeightVector,
  zerosLike,
} from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';

/** The options of the algorithm; rho is an argument of each step. */
export interface BsamSettings {
  readonly N: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly priorPrecision: number;
  readonly damping: number;
  readonly sInit: number;
}

/** The mean is theta itself; its momentum, and s, whose N-fold is the precision of the posterior. */
export interface BsamState {
  readonly gm: WeightVector;
  readonly s: WeightVector;
}

const divide = (a: WeightVector, b: WeightVector): WeightVector =>
  a.map((tensor, i) => tf.div(tensor, b[i] as tf.Tensor));

/** n / sqrt(N s), n standard normal: a draw from the posterior, less its mean. */
function draw({ part, random, state }: Step<BsamState>, N: number): WeightVector {
  const stream = random.at('noise').at(part);
  return state.s.map((s, i) => tf.mul(stream.at(i).normal(s.shape), tf.rsqrt(tf.mul(N, s))));
}

/**
 * bSAM as a variant: an Adam-like rule of its own; the base only provides its learning rate and does not step. gm and s
 * are linear in the gradients and in their sizes, so that `microBatches` of core averages them as the official
 * `batchsplit` does.
 */
export function bsamVariant(settings: BsamSettings): SharpnessVariant<BsamState> {
  const { N, beta1, beta2, priorPrecision, damping, sInit } = settings;
  const delta = priorPrecision / N;
  return {
    id: 'bsam',
    // The direction depends on where the noise was, and how the step does is known but for the noise and 1 / s.
    radius: 'first-order',
    graphKey: () => 'step',
    initialState: (weights) => ({ gm: zerosLike(weights), s: weights.map((w) => tf.fill(w.shape, sInit)) }),
    estimate: (step) => {
      const { evaluate, learningRate, radius: rho, state, weights } = step;
      const { loss, gradient: g } = evaluate({ shift: draw(step, N) });
      const direction = divide(g, state.s);
      // From the mean, not from where the noise was.
      const offset = scale(direction, rho);
      const { gradient: perturbed } = evaluate({ offset });
      const decayed = axpy(delta, weights, perturbed);
      const gm = add(scale(state.gm, beta1), scale(decayed, 1 - beta1));
      // With the s of before: the new one is of the next step.
      const update = scale(divide(gm, state.s), tf.neg(learningRate));
      const point: AscentPoint = {
        direction,
        perturbed,
        // g is where the noise was: one more gradient, for who asks (LETS's secant).
        get clean() {
          return evaluate().gradient;
        },
      };
      // Of the gradient, this much reaches the step at once.
      const ascent = through(point, (d) => scale(divide(d, state.s), 1 - beta1));
      const s = state.s.map((old, i) => {
        const curvature = tf.add(tf.mul(tf.sqrt(old), tf.abs(g[i] as tf.Tensor)), delta + damping);
        return tf.add(tf.mul(old, beta2), tf.mul(curvature, 1 - beta2));
      });
      return {
        loss,
        update,
        state: { gm, s },
        ascent,
        metrics: { perturbationNorm: norm(offset) },
      };
    },
  };
}
