import { isFlatminError, type LossFunction, type SharpnessAwareOptimizer } from '@flatmin/core';
import * as tf from '@tensorflow/tfjs-core';
import { capture, type CapturedStep, type CaptureOptions } from './capture.js';

/**
 * A step that runs as a graph where that can be done, and eagerly where it is refused, then and from there on: one line
 * to the optimizer's logger says why. For training loops; takes what {@link capture} takes.
 *
 * @example
 * ```ts fragment
 * const step = captureOrEager(optimizer, (x, y) => lossOfBatch(perExample, x, y));
 * ```
 */
export function captureOrEager<B extends readonly tf.Tensor[]>(
  optimizer: SharpnessAwareOptimizer,
  lossOf: (...batch: B) => LossFunction,
  options: CaptureOptions = {},
): CapturedStep<B> {
  let captured: CapturedStep<B> | undefined;
  let isRefused = false;
  const variables = options.variables && [...options.variables];
  const eagerly = (...batch: B): tf.Scalar =>
    tf.tidy(() => optimizer.minimize(lossOf(...batch), true, variables) as tf.Scalar);
  const step = (...batch: B): tf.Scalar => {
    if (isRefused) return eagerly(...batch);
    try {
      captured ??= capture(optimizer, lossOf, batch, options);
      return captured(...batch);
    } catch (error) {
      if (!isFlatminError(error) || error.code !== 'CAPTURE_REFUSED') throw error;
      isRefused = true;
      optimizer.setup.logger.warn(`flatmin: steps run eagerly, not as graphs: ${error.message}`);
      return eagerly(...batch);
    }
  };
  const dispose = (): void => captured?.dispose();
  const recheck = (): void => captured?.recheck();
  return Object.defineProperty(Object.assign(step, { dispose, recheck }), 'graphs', {
    get: () => captured?.graphs ?? 0,
  }) as CapturedStep<B>;
}
