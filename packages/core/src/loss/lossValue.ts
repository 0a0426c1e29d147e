import type * as tf from '@tensorflow/tfjs-core';
import { FlatminError, show } from '../errors/errors.js';
import type { LossFunction } from './loss.js';
import { isTensor } from '../tensors/tensors.js';

/** What is wrong with what a loss gave, and what to do. */
function lossFault(value: unknown): readonly [what: string, remedy: string] | undefined {
  if (isPromise(value))
    return ['the loss returned a promise', 'Await what it needs beforehand: the loss itself is synchronous.'];
  if (!isTensor(value)) {
    return [
      `the loss returned ${show(value)}`,
      'Return a tensor that TensorFlow.js ops compute from the variables, such as tf.mean(...).',
    ];
  }
  if (value.isDisposed)
    return ['the loss returned a tensor that is disposed', 'Return it from tf.tidy, or do not dispose it.'];
  if (value.shape.length > 0) {
    return [
      `the loss is not a scalar but has shape [${value.shape.join(', ')}]`,
      'Return the mean over the batch, tf.mean(...).',
    ];
  }
  return value.dtype === 'float32' ? undefined : [`the loss is of type ${value.dtype}`, 'Return a float32 scalar.'];
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof (value as Partial<Promise<unknown>> | null | undefined)?.then === 'function';
}

/** Refuses what is not a loss before anything happens. */
export function checkLoss(loss: unknown): asserts loss is LossFunction {
  if (typeof loss === 'function') return;
  throw new FlatminError('LOSS_INVALID', `the loss is ${show(loss)}. Pass a function that returns a tf.Scalar.`);
}

/**
 * What a loss gives, where that is what a step can work with.
 *
 * @throws FlatminError LOSS_INVALID for numbers, promises, disposed tensors and what is not a scalar.
 */
export function valueOf(loss: LossFunction): tf.Scalar {
  checkLoss(loss);
  const value: unknown = loss();
  const fault = lossFault(value);
  if (fault === undefined) return value as tf.Scalar;
  // Nobody waits for it any more.
  if (isPromise(value)) void Promise.resolve(value).catch(() => undefined);
  throw new FlatminError('LOSS_INVALID', `${fault[0]}. ${fault[1]}`);
}
