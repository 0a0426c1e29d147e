import {
  type Ascent,
  ascentOf,
  type Evaluation,
  norm,
  normEpsilon,
  plainStep,
  requireAccess,
  scale,
  type SharpnessVariant,
  type Step,
  type StepOutlook,
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

/** m ~ Bernoulli(beta), one for each tensor. */
function keptTensors({ random, tensorCount }: StepOutlook<unknown>, beta: number): readonly boolean[] {
  return [...random.at('esam').uniforms(tensorCount)].map((uniform) => uniform < beta);
}

/** Whether the step perturbs anything: else it is one of the base. */
const perturbs = (step: StepOutlook<unknown>, beta: number): boolean =>
  beta === 1 || keptTensors(step, beta).includes(true);

/** epsilon = rho g / ((||g|| + 1e-12) beta), where g is that of the kept tensors and 0 elsewhere. */
function offsetOf(gradient: WeightVector, rho: tf.Scalar, beta: number) {
  const length = norm(gradient);
  const factor = tf.div<tf.Scalar>(rho, tf.mul(tf.add(length, normEpsilon), beta));
  return {
    offset: scale(gradient, factor),
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
    graphKey: (outlook) => (perturbs(outlook, beta) ? 'step' : 'base'),
    radius: 'linear',
    initialState: () => ({}),
    estimate: (step) => {
      const { evaluate, loss, radius: rho, state } = step;
      if (selects) requireAccess(loss, 'perExample', 'esam with gamma below 1');
      if (!perturbs(step, beta)) return { ...plainStep(step), metrics: { branch: 'base' } };
      const only = beta === 1 ? {} : { only: () => keptTensors(step, beta) };
      const before = evaluate({ ...only, perExample: selects });
      const { offset, perturbationNorm } = offsetOf(before.gradient, rho, beta);
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
