import { FlatminError } from '@flatmin/core';
import { show } from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { type ModelLoss, withLoss } from './compiledLoss.js';
import { checkReduction, type Reduction } from './outputLosses.js';
import { type LossOfModel, lossOfRows } from './rowsLoss.js';
import type { ModelData } from './trainedModel.js';

export interface BatchLossOptions {
  /** Default: the loss that the model was compiled with. A name of TF.js's or a function, or one for each output. */
  readonly loss?: ModelLoss | undefined;
  /**
   * Weights [batch] of the examples; with several outputs one tensor for all or one for each. Not normalized, as in
   * `fit`.
   */
  readonly sampleWeights?: tf.Tensor | readonly (tf.Tensor | null | undefined)[] | undefined;
  /**
   * How a loss function that returns one number combines its examples (`tf.losses.softmaxCrossEntropy` returns their
   * mean); parts of the batch then have a loss too. The square root of a mean is neither mean nor sum, so its parts
   * have none.
   */
  readonly reduction?: Reduction | undefined;
  /**
   * Default true: batch statistics and dropout as in training. False: the forward pass of `predict`, which moves no
   * statistics.
   */
  readonly training?: boolean | undefined;
}

function listed(data: ModelData, names: readonly string[]): readonly tf.Tensor[] {
  if (data instanceof tf.Tensor) return [data];
  if (Array.isArray(data)) return [...(data as readonly tf.Tensor[])];
  const named = data as { readonly [name: string]: tf.Tensor };
  return names.map((name) => named[name] as tf.Tensor);
}

/**
 * The loss of a layers model on a batch, with access to its examples: what `model.fit` would minimize on it, to the
 * bit.
 *
 *     L(theta) = mean_i sum_o w_oi l_o(y_oi, f_o(x_i; theta)) + sum of the regularizers
 *
 * over examples i and outputs o. `perExample()` gives the sum over o for each i, without the regularizers; `subset` and
 * `split` give the same L on some of the rows. Each call is one forward pass.
 *
 * Use it to train without `fit`, for variants that need batch access, and as the held-out loss of LETS.
 *
 * @param x the input [batch, ...], or one tensor for each input, by order or name. [batch] counts as [batch, 1], as in
 *   `fit`.
 * @param y the targets likewise. The tensors stay the caller's and must live as long as the loss is used.
 * @throws FlatminError LOSS_INVALID: no loss compiled or given, an unknown one, or an output without one; DATA_INVALID:
 *   data or weights that do not fit the model; BATCH_ACCESS_MISSING, when `perExample()` is called, if the loss itself
 *   is a scalar, as `tf.losses.softmaxCrossEntropy` is, and likewise for parts of the batch under `accumulate` and
 *   `microBatches` if no `reduction` is given.
 * @example
 * ```ts
 * const optimizer = sam({ rho: 0.05, microBatches: 4, base: { use: 'sgd', learningRate: 0.1 } });
 * optimizer.minimize(batchLoss(model, x, y, { loss: 'categoricalCrossentropy' }));
 * ```
 */
export function batchLoss(model: LayersModel, x: ModelData, y: ModelData, options: BatchLossOptions = {}): LossOfModel {
  checkReduction(options.reduction);
  const compiled = withLoss(model, options.loss);
  try {
    tf.tidy(() => void compiled.standardizeUserDataXY(x, y, false));
  } catch (error) {
    throw new FlatminError('DATA_INVALID', `the batch does not fit the model: ${(error as Error).message}`, {
      cause: error,
    });
  }
  const inputs = listed(x, compiled.inputNames);
  const weights = weightsOf(options.sampleWeights, compiled.outputNames, inputs[0]?.shape[0] ?? 0);
  const { training = true, reduction } = options;
  return lossOfRows(compiled, { inputs, targets: listed(y, compiled.outputNames), weights }, { training, reduction });
}

/** Weights for each output, none of which would be broadcast over the examples. */
function weightsOf(
  given: BatchLossOptions['sampleWeights'],
  outputs: readonly string[],
  size: number,
): readonly (tf.Tensor | null | undefined)[] {
  const weights = given instanceof tf.Tensor ? outputs.map(() => given) : [...(given ?? [])];
  if (weights.length > outputs.length) {
    throw new FlatminError(
      'DATA_INVALID',
      `sampleWeights has ${weights.length} tensors for the outputs ${outputs.join(', ')}. Give one for all, or one for each.`,
    );
  }
  weights.forEach((weight, i) => {
    if (weight === null || weight === undefined || (weight.rank === 1 && weight.shape[0] === size)) return;
    throw new FlatminError(
      'DATA_INVALID',
      `the sampleWeights of the output ${show(outputs[i])} have shape [${weight.shape.join(', ')}] for ${size} examples. Give one weight for each, [${size}].`,
    );
  });
  return weights;
}

/**
 * The loss of a model as a function of its batch, as `validationBatches` of `@flatmin/lets` takes it.
 *
 * @returns (x, y) => the scalar of {@link batchLoss}: one forward pass.
 * @example
 * ```ts
 * const lossOf = modelLoss(model, { loss: 'categoricalCrossentropy' });
 * const validationLoss = validationBatches({ x, y, batchSize: 64 }, lossOf);
 * ```
 */
export function modelLoss(
  model: LayersModel,
  options: Omit<BatchLossOptions, 'sampleWeights'> = {},
): (x: ModelData, y: ModelData) => tf.Scalar {
  return (x, y) => batchLoss(model, x, y, options)();
}
