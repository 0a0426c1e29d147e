import {
  add,
  axpy,
  batchParts,
  type BatchPart,
  mean,
  norm,
  scale,
  type SharpnessVariant,
  type Step,
  type WeightVector,
  zerosLike,
} from '@flatmin/core';
import * as tf from '@tensorflow/tfjs-core';

/** The options of the algorithm; rho is an argument of each step. */
export interface BsamSettings {
  readonly N: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly priorPrecision: number;
  readonly damping: number;
  readonly sInit: number;
  readonly microBatches: number;
}

/** The mean is theta itself; its momentum, and s, whose N-fold is the precision of the posterior. */
export interface BsamState {
  readonly gm: WeightVector;
  readonly s: WeightVector;
}

const divide = (a: WeightVector, b: WeightVector): WeightVector =>
  a.map((tensor, i) => tf.div(tensor, b[i] as tf.Tensor));

/** n / sqrt(N s), n standard normal: a draw from the posterior, less its mean. */
function draw({ random, state }: Step<BsamState>, part: number, N: number): WeightVector {
  const stream = random.at('noise').at(part);
  return state.s.map((s, i) => tf.mul(stream.at(i).normal(s.shape), tf.rsqrt(tf.mul(N, s))));
}

/** The two gradients of one part of the batch. */
function gradients(step: Step<BsamState>, { loss }: BatchPart, part: number, N: number) {
  const noisy = step.evaluate({ loss, offset: draw(step, part, N) });
  const direction = divide(noisy.gradient, step.state.s);
  // From the mean, not from where the noise was.
  const perturbed = step.evaluate({ loss, offset: scale(direction, step.radius) }).gradient;
  return { loss: noisy.loss, g: noisy.gradient, size: noisy.gradient.map(tf.abs), direction, perturbed };
}

/** bSAM as a variant: an Adam-like rule of its own, so that the base lends its learning rate and does not step. */
export function bsamVariant(settings: BsamSettings): SharpnessVariant<BsamState> {
  const { N, beta1, beta2, priorPrecision, damping, sInit, microBatches } = settings;
  const delta = priorPrecision / N;
  return {
    id: 'bsam',
    // The direction depends on where the noise was, and how the step does is known but for the noise and 1 / s.
    radius: 'first-order',
    initialState: (weights) => ({ gm: zerosLike(weights), s: weights.map((w) => tf.fill(w.shape, sInit)) }),
    estimate: (step) => {
      const { learningRate, radius: rho, state, weights } = step;
      const parts = batchParts(step.loss, microBatches, 'bsam with microBatches');
      const found = parts.map((part, i) => gradients(step, part, i, N));
      type Found = (typeof found)[number];
      const shares = parts.map(({ share }) => share);
      const average = (of: (part: Found) => WeightVector): WeightVector => mean(found.map(of), shares);
      const perturbed = average((part) => part.perturbed);
      const decayed = axpy(delta, weights, perturbed);
      const gm = add(scale(state.gm, beta1), scale(decayed, 1 - beta1));
      // With the s of before: the new one is of the next step.
      const update = scale(divide(gm, state.s), tf.neg(learningRate));
      const size = average((part) => part.size);
      const s = state.s.map((old, i) => {
        const curvature = tf.add(tf.mul(tf.sqrt(old), size[i] as tf.Tensor), delta + damping);
        return tf.add(tf.mul(old, beta2), tf.mul(curvature, 1 - beta2));
      });
      const direction = average((part) => part.direction);
      const [loss] = average((part) => [part.loss]) as [tf.Scalar];
      return {
        loss,
        update,
        state: { gm, s },
        ascent: { direction, clean: average((part) => part.g), perturbed },
        ...(microBatches === 1 && { report: { perturbationNorm: norm(scale(direction, rho)) } }),
      };
    },
  };
}
