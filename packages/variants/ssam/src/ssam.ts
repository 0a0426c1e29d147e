import {
  add,
  ascend,
  mul,
  ofLength,
  requireAccess,
  type SharpnessVariant,
  type Step,
  type WeightVector,
} from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';
import { givenMask, largest, sizeOf } from './mask.js';

/** The options of the algorithm; rho is an argument of each step. */
export interface SsamSettings {
  /** The rule that finds the mask (SSAM-F, SSAM-D), or a fixed mask. */
  readonly mask: 'fisher' | 'dynamic' | readonly (readonly number[])[];
  readonly sparsity: number;
  readonly refreshEvery: number;
  readonly fisherSamples: number;
  readonly dropRate: number;
}

export interface SsamState {
  /** Absent before the first step. */
  readonly mask?: WeightVector;
  /** Steps that used this mask. */
  readonly age: number;
}

/** Sum of squared gradients of single examples, or, where none are asked for, the square of the batch's gradient. */
function fisher(step: Step<unknown>, gradient: WeightVector, samples: number): WeightVector {
  if (samples === 0) return gradient.map((g) => tf.square(g));
  const subset = requireAccess(step.loss, 'subset', 'ssam with fisherSamples');
  const size = step.loss.size ?? step.evaluatePerExample().shape[0];
  const chosen = [...step.random.at('samples').permutation(size)].slice(0, samples);
  // With `only`, a pass is not remembered for later: none of these gradients outlives its square.
  const only = gradient.map(() => true);
  return chosen.reduce<WeightVector>(
    (sums, i) =>
      tf.tidy(() => {
        const { gradient: single } = step.evaluate({ loss: subset([i]), only, updateStatistics: false });
        return add(sums, mul(single, single)) as tf.Tensor[];
      }),
    gradient.map((g) => tf.zerosLike(g)),
  );
}

/** Numbers of this step, uniform in [0, 1), one per weight. */
function uniform({ random, weights }: Step<unknown>): WeightVector {
  return weights.map(({ shape }, i) => random.at('mask').at(i).uniform(shape));
}

/**
 * Drops the weights of the smallest gradients, and lets as many others grow at random: of those outside the old mask,
 * so that nothing grows that was just dropped. No more are dropped than are free outside, so that the mask stays as
 * dense as it was; the official code drops them, and its mask thins.
 */
function dropAndGrow(step: Step<unknown>, mask: WeightVector, gradient: WeightVector, alive: number, dropRate: number) {
  const { index, totalSteps } = step;
  const decay = totalSteps === undefined ? 1 : (1 + Math.cos((Math.PI * Math.min(index, totalSteps)) / totalSteps)) / 2;
  const dropped = Math.min(Math.floor(dropRate * decay * alive), sizeOf(gradient) - alive);
  // Sizes of gradients and random numbers are not negative: -1 is below all of them.
  const where = (bit: 0 | 1, scores: WeightVector): WeightVector =>
    scores.map((score, i) => tf.where(tf.equal(mask[i] as tf.Tensor, bit), score, -1));
  const kept = largest(where(1, gradient.map(tf.abs)), alive - dropped);
  return add(kept, largest(where(0, uniform(step)), dropped));
}

/** Whether a step finds a new mask. */
function isRefresh({ age, mask }: SsamState, { mask: rule, refreshEvery }: SsamSettings): boolean {
  return mask === undefined || (typeof rule === 'string' && age >= refreshEvery);
}

function maskOf(
  step: Step<SsamState>,
  gradient: WeightVector,
  settings: SsamSettings,
): SsamState & { mask: WeightVector } {
  const { age, mask } = step.state;
  const { mask: rule, sparsity, fisherSamples, dropRate } = settings;
  if (mask !== undefined && !isRefresh(step.state, settings)) return { mask, age: age + 1 };
  const alive = Math.round((1 - sparsity) * sizeOf(gradient));
  // The official code begins SSAM-F with an empty mask, so that its first step is plain; here the first step has its
  // mask.
  if (rule === 'fisher') return { mask: largest(fisher(step, gradient, fisherSamples), alive), age: 1 };
  if (mask === undefined) return { mask: largest(uniform(step), alive), age: 1 };
  return { mask: dropAndGrow(step, mask, gradient, alive, dropRate), age: 1 };
}

/** SSAM as a variant: epsilon = M rho g / ||g||, with the norm of the whole gradient, so that ||epsilon|| <= rho. */
export function ssamVariant(settings: SsamSettings): SharpnessVariant<SsamState> {
  const { mask } = settings;
  return {
    id: 'ssam',
    // A refresh draws and sorts in JavaScript, once in many steps.
    graphKey: ({ state }) => (isRefresh(state, settings) ? null : 'step'),
    radius: 'linear',
    initialState: (weights) => (typeof mask === 'string' ? { age: 0 } : { mask: givenMask(mask, weights), age: 0 }),
    estimate: (step) => {
      const { loss, gradient } = step.evaluate();
      const state = maskOf(step, gradient, settings);
      const offset = mul(state.mask, ofLength(gradient, step.radius));
      const { perturbed, ascent, metrics } = ascend(step, offset);
      return { loss, gradient: perturbed, state, ascent, metrics };
    },
    // A mean of masks is not a mask: parts of a batch go on with that of the first, as workers do with that of rank 0.
    mergeStates: ([first]) => first as SsamState,
  };
}
