import type { Supply } from '@flatmin/core';
import { alias } from '@flatmin/core/internal';
import * as tf from '@tensorflow/tfjs-core';

/**
 * What one step was supplied with, in order: asked once, and the same again for whoever repeats the step. A held-out
 * batch is drawn once, however often a step is recorded and replayed before it counts.
 */
export class SupplyLog {
  readonly #given: (readonly tf.Tensor[])[] = [];
  /** How many were asked for since the start. */
  position = 0;

  /** The next tensors; they stay alive until `dispose`. */
  next(supply: Supply): { readonly tensors: readonly tf.Tensor[]; readonly index: number } {
    const index = this.position++;
    this.#given[index] ??= tf.tidy(() => (supply() as readonly tf.Tensor[]).map((tensor) => tf.keep(alias(tensor))));
    return { tensors: this.#given[index], index };
  }

  /** The same from the first one. */
  rewind(): void {
    this.position = 0;
  }

  dispose(): void {
    tf.dispose(this.#given as tf.Tensor[][]);
  }
}
