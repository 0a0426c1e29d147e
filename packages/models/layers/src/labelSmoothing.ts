import { FlatminError } from '@flatmin/core';
import { show } from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';
import { metrics } from '@tensorflow/tfjs-layers';
import type { LossOrMetric } from './trainedModel.js';

/** Losses of TF.js whose labels can be smoothed. */
export type SmoothableLoss = 'categoricalCrossentropy' | 'binaryCrossentropy';

/** The losses whose targets are shares of classes, as functions: TF.js exports them as metrics. */
const losses = {
  categoricalCrossentropy: metrics.categoricalCrossentropy,
  binaryCrossentropy: metrics.binaryCrossentropy,
} as const satisfies Record<SmoothableLoss, unknown>;

const names = new WeakMap<object, SmoothableLoss>();

/** The name of the loss that a smoothed loss was made from; any other loss is returned unchanged. */
export function unsmoothed<L>(loss: L): L | SmoothableLoss {
  return (typeof loss === 'function' && names.get(loss)) || loss;
}

/**
 * A loss of TF.js with smoothed labels, for `compile`, `batchLoss` and `model.compile`: the share `labelSmoothing` of
 * each target is spread evenly over all classes (Szegedy et al. 2016, arXiv:1512.00567), as in Keras.
 *
 * - `categoricalCrossentropy`: y becomes (1 - s) y + s / classes, over the last axis.
 * - `binaryCrossentropy`: each output is a choice of two, so y becomes (1 - s) y + s / 2.
 *
 * It is the loss of `fit`, so validation uses it too, as in Keras. Convert integer classes to one-hot vectors first
 * (`tf.oneHot`): in TF.js only the loss `sparseCategoricalCrossentropy` takes them. TF.js cannot save a loss that is a
 * function: `model.save` with `includeOptimizer: true` refuses it.
 *
 * @param labelSmoothing from 0, which leaves the loss unchanged, to below 1.
 * @throws FlatminError SPEC_INVALID for a share out of range or another loss.
 * @example
 * ```ts
 * compile(model, { optimizer, loss: withLabelSmoothing('categoricalCrossentropy', 0.1) });
 * ```
 */
export function withLabelSmoothing(loss: SmoothableLoss, labelSmoothing: number): LossOrMetric {
  if (!Object.hasOwn(losses, loss)) {
    const sparse = 'For integer classes, make the targets one-hot and name categoricalCrossentropy.';
    throw new FlatminError(
      'SPEC_INVALID',
      `withLabelSmoothing got the loss ${show(loss)}. Name one of ${Object.keys(losses).join(', ')}. ${sparse}`,
    );
  }
  if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
    throw new FlatminError(
      'SPEC_INVALID',
      `withLabelSmoothing got the share ${show(labelSmoothing)}. Give a number from 0 to below 1, such as 0.1.`,
    );
  }
  const smoothed: LossOrMetric = (target, prediction) =>
    tf.tidy(() => {
      const classes = loss === 'binaryCrossentropy' ? 2 : (target.shape.at(-1) as number);
      return losses[loss](tf.add(tf.mul(target, 1 - labelSmoothing), labelSmoothing / classes), prediction);
    });
  names.set(smoothed, loss);
  return smoothed;
}
