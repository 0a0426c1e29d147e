import { declareMoments } from '@flatmin/core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type * as tf from '@tensorflow/tfjs-core';
import { type Layer, sublayers } from './sublayers.js';
import { trainedModel } from './trainedModel.js';

interface LayerWeight {
  read(): tf.Variable;
}

/** What TF.js 4.22 has in a batch normalization layer. */
interface BatchNormalization {
  readonly momentum: number;
  readonly movingMean?: LayerWeight | undefined;
  readonly movingVariance?: LayerWeight | undefined;
}

/**
 * Declares which weights of a model are the moving averages of its batch normalization layers, so that `accumulate` and
 * `microBatches` move them once per step, as the whole batch would. `compile`, `attach` and `batchLoss` do this on
 * their own; call it if your own loss applies the model itself.
 *
 * @example
 * ```ts
 * declareAverages(model);
 * const loss = lossOfOutputs((x) => model.apply(x, { training: true }), lossPerExample, x, y);
 * ```
 */
export function declareAverages(model: LayersModel): void {
  for (const layer of sublayers(trainedModel(model) as unknown as Layer)) {
    if (layer.getClassName() !== 'BatchNormalization') continue;
    const { momentum, movingMean, movingVariance } = layer as unknown as BatchNormalization;
    if (movingMean === undefined || movingVariance === undefined) continue;
    declareMoments(movingMean.read(), movingVariance.read(), 1 - momentum);
  }
}
