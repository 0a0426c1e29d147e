import * as tf from '@tensorflow/tfjs-core';

/** The losses of some consecutive steps, read back together. */
export interface ReadLosses {
  readonly values: readonly number[];
  /** Position in `values` of the first that is not finite, or -1. */
  readonly firstBad: number;
}

/**
 * Holds the loss tensors of the steps since the last reading, so that a step reads nothing back from the backend: on a
 * GPU or a native backend a reading per step would make the next step wait for this one.
 */
export class LossMonitor {
  #pending: tf.Scalar[] = [];

  /** Takes the scalar over. */
  add(loss: tf.Scalar): void {
    this.#pending.push(loss);
  }

  /** Reads the pending losses with one transfer, and lets go of them. */
  async read(): Promise<ReadLosses> {
    if (this.#pending.length === 0) return { values: [], firstBad: -1 };
    const stacked = tf.stack(this.#pending);
    this.dispose();
    const values = [...(await stacked.data())];
    stacked.dispose();
    return { values, firstBad: values.findIndex((value) => !Number.isFinite(value)) };
  }

  dispose(): void {
    tf.dispose(this.#pending);
    this.#pending = [];
  }
}
