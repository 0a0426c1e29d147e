import { FlatminError } from '@flatmin/core';
import { show } from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';
import type { CustomCallbackArgs, LayersModel } from '@tensorflow/tfjs-layers';

/** What {@link bestWeights} watches. */
export interface BestWeightsOptions {
  /** A name of the logs of `fit`, such as `val_acc`. Default: `val_loss`. */
  readonly monitor?: string;
  /** Whether smaller or larger is better. Default: min for a loss or an error, otherwise max. */
  readonly mode?: 'min' | 'max';
}

/**
 * A callback of `fit` after which the model has the weights of its best epoch, as after `train` of @flatmin/training.
 * If the model evaluates at an average, these are the averaged weights. A following `fit` continues from them.
 *
 * Cost: a copy of the weights while `fit` runs. The first value counts as an improvement, unless it is NaN.
 *
 * @throws FlatminError RUN_INVALID at the end of the first epoch if the logs do not have that name.
 * @example
 * ```ts fragment
 * await model.fit(x, y, { epochs: 50, validationSplit: 0.1, callbacks: bestWeights(model, { monitor: 'val_acc' }) });
 * ```
 */
export function bestWeights(
  model: LayersModel,
  { monitor = 'val_loss', mode = /loss|error/i.test(monitor) ? 'min' : 'max' }: BestWeightsOptions = {},
): CustomCallbackArgs {
  const sign = mode === 'max' ? 1 : -1;
  let best = Number.NaN;
  let kept: tf.Tensor[] = [];
  const keep = (weights: tf.Tensor[]): void => {
    tf.dispose(kept);
    kept = weights;
  };
  return {
    onTrainBegin: () => {
      best = Number.NaN;
      keep([]);
    },
    onEpochEnd: (_, logs = {}) => {
      const value = logs[monitor];
      if (value === undefined) {
        keep([]);
        const names = Object.keys(logs).join(', ');
        throw new FlatminError(
          'RUN_INVALID',
          `bestWeights watches ${show(monitor)}, and the logs of fit have ${names}. Give one of them as monitor, or fit with ` +
            'validationData.',
        );
      }
      if (kept.length > 0 && !Number.isNaN(best) && !(sign * (value - best) > 0)) return;
      best = value;
      // The copies share their data with the weights, which get other data at the next step.
      keep(model.getWeights().map((weight) => tf.keep(weight.clone())));
    },
    onTrainEnd: () => {
      if (kept.length > 0) model.setWeights(kept);
      keep([]);
    },
  };
}
