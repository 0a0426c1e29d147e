import * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod';
import { FlatminError } from '../errors/errors.js';
import type { BaseOptimizer, EndedStep } from './contract.js';
import { WithCopies } from './withCopies.js';

const ema = z.strictObject({
  use: z.literal('ema'),
  decay: z.number().min(0).lt(1).default(0.999).describe('The share of the old average that each step keeps.'),
});
const swa = z.strictObject({
  use: z.literal('swa'),
  start: z
    .number()
    .min(0)
    .refine((start) => start < 1 || Number.isInteger(start), 'is neither a share below 1 nor a whole number of steps')
    .default(0.75)
    .describe(
      'The first step (from 0) whose weights are averaged; below 1, a share of the run, which needs totalSteps.',
    ),
  every: z.int().min(1).default(1).describe('From there on, every n-th step is averaged.'),
});

/** `average` of a spec. */
export const averageSchema = z
  .discriminatedUnion('use', [ema, swa])
  .describe('an average of the weights, used in evaluation: ema is exponential; swa is the plain mean');

export type AverageSpec = z.output<typeof averageSchema>;

/**
 * The average with its start in steps.
 *
 * @throws FlatminError TOTAL_STEPS_MISSING where that is a share of a run whose length is not known.
 */
export function inSteps(average: AverageSpec, totalSteps: number | undefined): AverageSpec {
  if (average.use !== 'swa' || average.start === 0 || average.start >= 1) return average;
  if (totalSteps !== undefined) return { ...average, start: Math.round(average.start * totalSteps) };
  throw new FlatminError(
    'TOTAL_STEPS_MISSING',
    `average.start is ${average.start}, a share of the run, and the number of steps is not known. Give it in steps, or ` +
      'totalSteps in the context of createOptimizer.',
  );
}

/** The share of the weights after step `index` in the average. */
function shareAt(average: AverageSpec, index: number): number {
  if (average.use === 'ema') return 1 - average.decay;
  const after = index - average.start;
  return after >= 0 && after % average.every === 0 ? 1 / (after / average.every + 1) : 0;
}

/**
 * A base whose weights are averaged, and evaluated at their average; training stays the same, bit for bit.
 *
 *     ema: a_0 = theta_0,  a <- decay a + (1 - decay) theta                          after each step
 *     swa: a <- (1 - 1/n) a + theta / n, the mean of n weights            after steps start, start + every, ...
 *
 * The weights are those after the whole step. Memory: a copy of them. 3 ops per variable and step.
 *
 * Polyak, Juditsky, "Acceleration of Stochastic Approximation by Averaging", 1992; Izmailov et al., "Averaging Weights
 * Leads to Wider Optima and Better Generalization", UAI 2018, arXiv 1803.05407.
 */
export class Averaged extends WithCopies {
  readonly #average: AverageSpec;
  override readonly evaluationWeights: NonNullable<BaseOptimizer['evaluationWeights']>;

  constructor(inner: BaseOptimizer, average: AverageSpec) {
    super(inner, 'average');
    this.#average = average;
    this.evaluationWeights = (weights, index) => {
      if (average.use === 'swa' && index <= average.start) return undefined;
      return weights.map((weight, i) => (this.copies[i] ?? weight).clone());
    };
  }

  override afterStep(step: EndedStep): void {
    super.afterStep(step);
    tf.tidy(() => {
      const averages = this.copiesAt(step);
      const share = step.scalarAt(({ index }) => shareAt(this.#average, index));
      const kept = tf.sub(1, share);
      step.variables.forEach((variable, i) => {
        const average = averages[i] as tf.Variable;
        average.assign(tf.add(tf.mul(kept, average), tf.mul(share, variable as tf.Tensor)));
      });
    });
  }
}
