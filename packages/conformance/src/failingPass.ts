import { isFlatminError } from '@flatmin/core';
import type { LossWatch } from './watchLoss.js';

const failure = new Error('this pass was made to fail');

/** What came of a step in which one pass was to fail. */
export type Attempt = 'taken' | 'failed' | 'failed after the base step';

/** Makes one pass of a step fail, of whichever loss it is. */
export class FailingPass {
  #passesLeft = Infinity;

  readonly watch: LossWatch = {
    before: () => {
      if (--this.#passesLeft === 0) throw failure;
    },
  };

  /** Takes a step whose `pass`-th pass throws; it is simply taken where it has fewer passes. */
  attempt(pass: number, step: () => unknown): Attempt {
    this.#passesLeft = pass;
    try {
      step();
      if (this.#passesLeft <= 0) throw new Error(`the step swallowed what its pass ${pass} threw`);
      return 'taken';
    } catch (error) {
      if (error === failure) return 'failed';
      const isAfterUpdate = isFlatminError(error) && error.code === 'SETTLE_FAILED' && error.cause === failure;
      if (isAfterUpdate) return 'failed after the base step';
      throw error;
    } finally {
      this.#passesLeft = Infinity;
    }
  }
}
