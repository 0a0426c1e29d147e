import * as tf from '@tensorflow/tfjs-core';
import type { LossState, LossSum } from '../checkpoint/runState.js';

const nothing: LossSum = { sum: 0, count: 0 };
const plus = ({ sum, count }: LossSum, value: number): LossSum => ({ sum: sum + value, count: count + 1 });
const meanOf = ({ sum, count }: LossSum): number => sum / count;

/**
 * The losses of a run. Those of the last steps stay tensors until they are read together, so that a step reads nothing
 * back from the backend: on a GPU or a native backend a reading per step would make the next step wait for this one.
 */
export class Losses {
  #pending: tf.Scalar[] = [];
  #state: LossState;

  constructor(state: LossState = { epoch: nothing, unlogged: nothing }) {
    this.#state = state;
  }

  /** Without those that were not read. */
  get state(): LossState {
    return this.#state;
  }

  /** Of the losses of this epoch that were read. */
  get epochMean(): number {
    return meanOf(this.#state.epoch);
  }

  startEpoch(): void {
    this.#state = { ...this.#state, epoch: nothing };
  }

  /** Takes the scalar over. */
  add(loss: tf.Scalar): void {
    this.#pending.push(loss);
  }

  /**
   * Reads the losses that wait, with one transfer.
   *
   * @param steps steps done.
   * @returns the first that is not finite; undefined where all are.
   */
  async read(steps: number): Promise<{ readonly step: number; readonly loss: number } | undefined> {
    if (this.#pending.length === 0) return undefined;
    const stacked = tf.stack(this.#pending);
    this.dispose();
    const values = [...(await stacked.data())];
    stacked.dispose();
    for (const [i, loss] of values.entries()) {
      const step = steps - values.length + 1 + i;
      if (!Number.isFinite(loss)) return { step, loss };
      const { epoch, unlogged } = this.#state;
      this.#state = { epoch: plus(epoch, loss), unlogged: plus(unlogged, loss), lastFinite: { step, loss } };
    }
    return undefined;
  }

  /** Mean of the losses that were read since the last call; undefined where there are none. */
  takeUnlogged(): number | undefined {
    const { unlogged } = this.#state;
    this.#state = { ...this.#state, unlogged: nothing };
    return unlogged.count === 0 ? undefined : meanOf(unlogged);
  }

  dispose(): void {
    tf.dispose(this.#pending);
    this.#pending = [];
  }
}
