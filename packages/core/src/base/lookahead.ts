import * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod';
import type { BaseOptimizer, EndedStep } from './contract.js';
import { WithCopies } from './withCopies.js';

/** `lookahead` of a spec. */
export const lookaheadSchema = z
  .strictObject({
    steps: z.int().min(1).default(5).describe('Steps of the base for each step of the slow weights.'),
    alpha: z
      .number()
      .min(0)
      .max(1)
      .default(0.5)
      .describe('How far the slow weights move towards the fast ones, from 0 to 1.'),
  })
  .describe('slow weights that follow those of the base, which then continues from them');

export type Lookahead = z.output<typeof lookaheadSchema>;

/**
 * Lookahead around a base: after every `steps` steps the slow weights phi move towards the fast ones, which continue
 * from there; the base keeps its memory.
 *
 *     phi <- phi + alpha (theta - phi),  theta <- phi
 *
 * Memory: a copy of the weights. 6 ops per variable and step: on steps that do not end a round these ops change
 * nothing, so that every step is the same graph.
 *
 * Zhang, Lucas, Hinton, Ba, "Lookahead Optimizer: k steps forward, 1 step back", NeurIPS 2019, arXiv 1907.08610.
 */
export class LookingAhead extends WithCopies {
  readonly #lookahead: Lookahead;

  constructor(inner: BaseOptimizer, lookahead: Lookahead) {
    super(inner, 'slow');
    this.#lookahead = lookahead;
  }

  override afterStep(step: EndedStep): void {
    super.afterStep(step);
    const { steps, alpha } = this.#lookahead;
    tf.tidy(() => {
      const slows = this.copiesAt(step);
      const ends = step.scalarAt(({ index }) => Number((index + 1) % steps === 0)); // 1 or 0: a sum with it is exact.
      const [goes, lasts] = [tf.mul(alpha, ends), tf.sub(1, ends)];
      const stays = tf.sub(1, goes);
      step.variables.forEach((variable, i) => {
        const slow = slows[i] as tf.Variable;
        slow.assign(tf.add(tf.mul(stays, slow), tf.mul(goes, variable as tf.Tensor)));
        variable.assign(tf.add(tf.mul(lasts, variable as tf.Tensor), tf.mul(ends, slow)));
      });
    });
  }
}
