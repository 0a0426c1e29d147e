import { FlatminError } from '@flatmin/core';
import {
  type Checkpoint,
  disposeCheckpoint,
  isFiniteCheckpoint,
  restoreCheckpoint,
  takeCheckpoint,
} from '../checkpoint/checkpoint.js';
import type { RunState } from '../checkpoint/runState.js';
import type { TrainOptions } from './options.js';

/** The last state of a run that was known to be good: in memory always, and where the caller asked to have it. */
export class SafePoint {
  readonly #options: Pick<TrainOptions, 'model' | 'optimizer' | 'checkpoints'>;
  #checkpoint: Checkpoint | undefined;
  #saved: number | undefined;

  constructor(options: Pick<TrainOptions, 'model' | 'optimizer' | 'checkpoints'>) {
    this.#options = options;
  }

  /** Replaces the kept state by the present one; returns false, and keeps the old one, when that is not finite. */
  async keep(run: RunState, judged: Pick<Checkpoint, 'best' | 'evaluated'>): Promise<boolean> {
    const { model, optimizer } = this.#options;
    const checkpoint = await takeCheckpoint(model, optimizer, run, judged);
    if (!(await isFiniteCheckpoint(checkpoint))) {
      disposeCheckpoint(checkpoint);
      return false;
    }
    disposeCheckpoint(this.#checkpoint);
    this.#checkpoint = checkpoint;
    return true;
  }

  /** Saves the kept state where the caller asked for that. */
  async save(): Promise<void> {
    const { checkpoints } = this.#options;
    if (checkpoints === undefined || this.#checkpoint === undefined) return;
    const { steps } = this.#checkpoint.run;
    try {
      await checkpoints.save(this.#checkpoint);
    } catch (cause) {
      const before = this.#saved === undefined ? 'There is none before it' : `The last one is of step ${this.#saved}`;
      throw new FlatminError(
        'RUN_INVALID',
        `the checkpoint of step ${steps} was not saved in ${checkpoints.place}: ${(cause as Error).message}. ${before}. ` +
          'Make sure that there is space and permission to write, then resume.',
        { cause },
      );
    }
    this.#saved = steps;
  }

  /** Puts model and optimizer back, and says so in a sentence. */
  async restore(): Promise<string> {
    if (this.#checkpoint === undefined) return 'The model is left as it is.';
    const { model, optimizer, checkpoints } = this.#options;
    await restoreCheckpoint(this.#checkpoint, model, optimizer);
    const { steps } = this.#checkpoint.run;
    const also = this.#saved === steps ? `, which is also kept in ${checkpoints?.place}` : '';
    return `Model and optimizer are back at step ${steps}${also}.`;
  }

  dispose(): void {
    disposeCheckpoint(this.#checkpoint);
    this.#checkpoint = undefined;
  }
}
