import * as tf from '@tensorflow/tfjs-core';
import { alias } from '../tensors/tensors.js';

/** The values that variables had at some time; the tensors share the variables' data, so nothing is copied. */
export type Snapshot = ReadonlyMap<tf.Variable, tf.Tensor>;

/** What bases keep for themselves: also those of other optimizers, which this one's passes do not change either. */
const slots = new WeakSet<tf.Variable>();

/**
 * Watches what a pass may change besides its result: non-trainable variables, such as the moving averages of batch
 * normalization. Its snapshots outlive any `tidy` of a variant, until {@link release}.
 */
export class Statistics {
  readonly #watched: readonly tf.Variable[];
  readonly #held: tf.Tensor[] = [];

  /** @param exempt variables that no pass changes, such as the slots of the base. */
  constructor(exempt: ReadonlySet<tf.Variable>) {
    for (const variable of exempt) slots.add(variable);
    this.#watched = Object.values(tf.engine().registeredVariables).filter(
      (variable) => !variable.trainable && !slots.has(variable),
    );
  }

  /** The values now; those that `since` holds unchanged are taken from it. */
  snapshot(since?: Snapshot): Snapshot {
    return new Map(
      this.#watched
        .filter((variable) => !variable.isDisposed)
        .map((variable) => {
          const known = since?.get(variable);
          return [variable, known?.dataId === variable.dataId ? known : this.#hold(variable)];
        }),
    );
  }

  /** Gives every watched variable that changed its value of `snapshot` back: the same data, not a copy. */
  restore(snapshot: Snapshot): void {
    for (const [variable, value] of snapshot) {
      if (!variable.isDisposed && variable.dataId !== value.dataId) variable.assign(value);
    }
  }

  /** Frees the snapshots taken so far. */
  release(): void {
    tf.dispose(this.#held.splice(0));
  }

  #hold(variable: tf.Variable): tf.Tensor {
    const held = tf.keep(alias(variable));
    this.#held.push(held);
    return held;
  }
}
