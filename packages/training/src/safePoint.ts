import {
  disposeCheckpoint,
  isFiniteCheckpoint,
  restoreCheckpoint,
  takeCheckpoint,
  type Checkpoint,
  type CheckpointStore,
  type Position,
} from './checkpoint.js';
import type { TrainOptions } from './options.js';

/** The last state of a run that was known to be good: in memory always, and where the caller asked to have it. */
export class SafePoint {
  readonly #options: Pick<TrainOptions, 'model' | 'optimizer' | 'checkpoints'>;
  #checkpoint: Checkpoint | undefined;
  #saved: CheckpointStore | undefined;

  constructor(options: Pick<TrainOptions, 'model' | 'optimizer' | 'checkpoints'>) {
    this.#options = options;
  }

  /** Replaces the kept state by the present one; returns false, and keeps the old one, when that is not finite. */
  async keep(position: Position, save: boolean): Promise<boolean> {
    const { model, optimizer, checkpoints } = this.#options;
    const checkpoint = await takeCheckpoint(model, optimizer, position);
    if (!(await isFiniteCheckpoint(checkpoint))) {
      disposeCheckpoint(checkpoint);
      return false;
    }
    disposeCheckpoint(this.#checkpoint);
    this.#checkpoint = checkpoint;
    if (save && checkpoints !== undefined) {
      await checkpoints.save(checkpoint);
      this.#saved = checkpoints;
    }
    return true;
  }

  /** Puts model and optimizer back, and says so in a sentence. */
  async restore(): Promise<string> {
    if (this.#checkpoint === undefined) return 'The model is left as it is.';
    const { model, optimizer } = this.#options;
    await restoreCheckpoint(this.#checkpoint, model, optimizer);
    const also = this.#saved === undefined ? '' : `, which is also kept in ${this.#saved.place}`;
    return `Model and optimizer are back at the end of epoch ${this.#checkpoint.epoch}${also}.`;
  }

  dispose(): void {
    disposeCheckpoint(this.#checkpoint);
    this.#checkpoint = undefined;
  }
}
