import type * as tf from '@tensorflow/tfjs-core';

/** Gives tensors of now; called again for each step. */
export type Supply<T extends Supplies = Supplies> = () => T;

/** A list of tensors, or a tuple of so many. */
export type Supplies = readonly tf.Tensor[] | readonly [];

/** Stands between a step and what it is supplied with. */
export type StepInputWatcher = <T extends Supplies>(supply: Supply<T>) => T;

const unwatched: StepInputWatcher = (supply) => supply();
let watching = unwatched;

/**
 * Tensors that reach a step from outside and differ from one step to the next: rho, the learning rate, random numbers,
 * a held-out batch. Wherever JavaScript decides the values of a tensor that a loss or a variant uses, declare the
 * tensor by this call: a step that is replayed as a graph then asks `supply` again instead of repeating the values of
 * the step that was recorded.
 *
 * Cost: none.
 *
 * @param supply gives the same number of tensors, of the same shapes, whenever the step takes the same branch.
 * @example
 * ```ts fragment
 * const [noise] = stepInput(() => [tf.tensor(nextNoise())]);
 * ```
 */
export function stepInput<T extends Supplies>(supply: Supply<T>): T {
  return watching(supply);
}

/** Whether the step at hand is recorded, to be replayed with other step inputs. */
export const isStepRecorded = (): boolean => watching !== unwatched;

/** Runs `run` while `watcher` sees all that is supplied; for who records steps. */
export function watchStepInputs<T>(watcher: StepInputWatcher, run: () => T): T {
  const before = watching;
  watching = watcher;
  try {
    return run();
  } finally {
    watching = before;
  }
}
