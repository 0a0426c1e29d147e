import type { LossFunction } from '@flatmin/core';
import type * as tf from '@tensorflow/tfjs-core';

/** What a loss of the kit was made of: it is `lossOf(...batch)`. */
export interface Making {
  readonly lossOf: (...batch: readonly tf.Tensor[]) => LossFunction;
  readonly batch: readonly tf.Tensor[];
}

const makings = new WeakMap<LossFunction, Making>();

/**
 * A loss of which the kit knows the batch: a graph takes that as its input, and serves every loss of the same `lossOf`.
 */
export function onBatch<B extends readonly tf.Tensor[]>(
  lossOf: (...batch: B) => LossFunction,
  ...batch: B
): LossFunction {
  const loss = lossOf(...batch);
  makings.set(loss, { lossOf: lossOf as unknown as Making['lossOf'], batch });
  return loss;
}

/** What a loss was made of; one that is not of {@link onBatch} has its batch within. */
export function makingOf(loss: LossFunction): Making {
  return makings.get(loss) ?? { lossOf: () => loss, batch: [] };
}
