import * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod';
import type { BaseOptimizer, EndedStep } from './contract.js';
import { WithCopies } from './withCopies.js';

/** `lookahead` of a spec. */
export const lookaheadSchema = z
  .strictObject({
    steps: z.int().min(1).default(5).describe('Steps of the base between two of the slow weights.'),
    alpha: z.number().min(0).max(1).default(0.5).describe('How far the slow weights go towards the fast ones.'),
  })
  .describe('slow weights that follow those of the base, which then start again from them');

export type Lookahead = z.output<typeof lookaheadSchema>;

/**
 * Lookahead around a base: after every `steps` steps the slow weights phi go towards the fast ones, which start again
 * from there; the base's memory stays.
 *
 *     phi <- phi + alpha (theta - phi),  theta <- phi
 *
 * Memory: a copy of the weights. 6 ops for each variable at each step: a step that does not end a round does nothing by
 * them, so that every step is the same graph.
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
