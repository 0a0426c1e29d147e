import { isFlatminError } from '@flatmin/core';

/**
 * Keeps checkpoints elsewhere while a run goes on: one at a time, and with pauses of four times what one takes, so that
 * a run with many checkpoints is mostly computed and not sent. Those that come meanwhile are left out.
 */
export class CheckpointKeeper {
  readonly #keep: () => Promise<void>;
  readonly #onError: (error: unknown) => void;
  readonly #clock: () => number;
  #working: Promise<void> | undefined;
  #next = -Infinity;

  /** @param onError is told what went wrong; the run has its checkpoint still, and the next one is kept. */
  constructor(
    keep: () => Promise<void>,
    onError: (error: unknown) => void,
    clock: () => number = () => performance.now(),
  ) {
    this.#keep = keep;
    this.#onError = onError;
    this.#clock = clock;
  }

  /** A checkpoint is there. */
  readonly onCheckpoint = (): void => {
    if (this.#clock() >= this.#next) this.#working ??= this.#work();
  };

  async #work(): Promise<void> {
    const began = this.#clock();
    try {
      await this.#keep();
    } catch (error) {
      this.#onError(error);
    }
    const now = this.#clock();
    this.#next = now + 4 * (now - began);
    this.#working = undefined;
  }

  /** Settles when nothing is being kept any more. */
  async idle(): Promise<void> {
    await this.#working;
  }
}

/** An error that no later checkpoint would mend, such as that the files are more than the storage takes. */
export const isFinal = (error: unknown): error is Error => isFlatminError(error);
