import {
  type Ascent,
  ascentOf,
  type Evaluation,
  norm,
  normEpsilon,
  plainStep,
  requireAccess,
  type SharpnessVariant,
  type Step,
  type WeightVector,
} from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';

/** The options of the algorithm; rho is an argument of each step. */
export interface EsamSettings {
  /** Stochastic weight perturbation: the probability of each tensor to be perturbed. */
  readonly beta: number;
  /** Sharpness-sensitive data selection: the share of the examples in the second gradient. */
  readonly gamma: number;
}

/** m ~ Bernoulli(beta), one for each tensor; undefined where all are kept. */
function keptTensors({ random, weights }: Step<unknown>, beta: number): readonly boolean[] | undefined {
  if (beta === 1) return undefined;
  return [...random.at('esam').uniforms(weights.length)].map((uniform) => uniform < beta);
}

/** epsilon = rho g / ((||g|| + 1e-12) beta) over the kept tensors, of which alone there is a gradient. */
function offsetOf(gradient: WeightVector, kept: readonly boolean[] | undefined, rho: tf.Scalar, beta: number) {
  const isKept = (_: unknown, i: number): boolean => kept?.[i] ?? true;
  const length = norm(gradient.filter(isKept));
  const factor = tf.div(rho, tf.mul(tf.add(length, normEpsilon), beta));
  return {
    offset: gradient.map((g, i) => (isKept(g, i) ? tf.mul(g, factor) : g)), // Else zeros already.
    perturbationNorm: tf.mul<tf.Scalar>(length, factor),
  };
}

/** k = ceil(gamma B), at least 1; less what the product rounded up. */
export function selectedCount(gamma: number, batch: number): number {
  return Math.max(1, Math.ceil(gamma * batch - 1e-9));
}

/** B+: the k examples whose loss the perturbation raises most. Their indices stay a tensor: nothing is read back. */
function mostSensitive(step: Step<unknown>, before: Evaluation, offset: WeightVector, gamma: number) {
  const subset = requireAccess(step.loss, 'subset', 'esam with gamma below 1');
  const raised = tf.sub<tf.Tensor1D>(step.evaluatePerExample({ offset }), before.perExample as tf.Tensor1D);
  return subset(tf.topk<tf.Tensor1D>(raised, selectedCount(gamma, raised.size)).indices);
}

/** ESAM as a variant: perturbs some tensors, and takes the gradient there on the examples that this hurts most. */
export function esamVariant({ beta, gamma }: EsamSettings): SharpnessVariant<unknown> {
  const selects = gamma < 1;
  return {
    id: 'esam',
    // Which tensors have a gradient is another graph for each of their subsets.
    graphKey: () => (beta === 1 ? 'step' : null),
    radius: 'linear',
    initialState: () => ({}),
    estimate: (step) => {
      const { evaluate, loss, radius: rho, state } = step;
      if (selects) requireAccess(loss, 'perExample', 'esam with gamma below 1');
      const kept = keptTensors(step, beta);
      if (kept?.includes(true) === false) return { ...plainStep(step), metrics: { branch: 'base' } };
      const before = evaluate({ ...(kept && { only: kept }), perExample: selects });
      const { offset, perturbationNorm } = offsetOf(before.gradient, kept, rho, beta);
      const second = selects ? { loss: mostSensitive(step, before, offset, gamma) } : {};
      // A subset is a loss of its own, whose first pass would move statistics: held out.
      const gradientAt = (at: WeightVector): WeightVector =>
        evaluate({ ...second, offset: at, updateStatistics: false }).gradient;
      const perturbed = gradientAt(offset);
      const ascent: Omit<Ascent, 'direction'> = {
        perturbed,
        gradientAt,
        // Of the same tensors and examples as `perturbed`: one more gradient, for those who compare the two (LETS's
        // secant).
        get clean() {
          return evaluate({ ...second, updateStatistics: false }).gradient;
        },
      };
      const metrics = { perturbationNorm };
      return { loss: before.loss, gradient: perturbed, state, ascent: ascentOf(offset, rho, ascent), metrics };
    },
  };
}
