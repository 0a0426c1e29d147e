import { FlatminError, type LossFunction, type SharpnessAwareOptimizer } from '@flatmin/core';
import * as tf from '@tensorflow/tfjs-core';
import type { capture as realCapture, CapturedStep, CaptureOptions } from './capture/capture.js';
import type { captureFunction as realCaptureFunction } from './capture/captureFunction.js';

/** In a browser there is no TensorFlow: refused by name, with the types of the real ones. */
function refuse(): never {
  throw new FlatminError(
    'CAPTURE_REFUSED',
    "graphs run on TensorFlow's native backend, in Node. Train without a graph here.",
  );
}

export const capture = refuse as unknown as typeof realCapture;
export const captureFunction = refuse as unknown as typeof realCaptureFunction;
export type { CapturedFunction } from './capture/captureFunction.js';
export type { CapturedStep, CaptureOptions } from './capture/capture.js';

/** Every step runs eagerly. */
export function captureOrEager<B extends readonly tf.Tensor[]>(
  optimizer: SharpnessAwareOptimizer,
  lossOf: (...batch: B) => LossFunction,
  { variables }: CaptureOptions = {},
): CapturedStep<B> {
  const step = (...batch: B): tf.Scalar =>
    tf.tidy(() => optimizer.minimize(lossOf(...batch), true, variables && [...variables]) as tf.Scalar);
  return Object.assign(step, { graphs: 0, recheck: () => undefined, dispose: () => undefined });
}
