import { FlatminError, type LossFunction, type SharpnessAwareOptimizer, stepInput } from '@flatmin/core';
import { tensorsOf } from '@flatmin/core/internal';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { batchLoss } from './batchLoss.js';
import type { ModelLoss } from './compiledLoss.js';
import { extraPassOf } from './extraPass.js';
import { reduceBy } from './fitLoss.js';
import { answerByEvaluationWeights } from './fitEvaluation.js';
import { giveBatchAccess } from './fitSteps.js';
import { checkReduction, type Reduction } from './outputLosses.js';
import { type ModelData, trainedModel } from './trainedModel.js';

/** Data held out of training, from which LETS learns the radius; other variants ignore it. */
export interface HeldOut {
  /** A loss over held-out data, such as `validationBatches({ x, y }, modelLoss(model))`. */
  readonly validationLoss?: LossFunction | undefined;
  /** Or the data, all of which each upper step evaluates: keep it small. The tensors stay the caller's. */
  readonly validationData?: readonly [ModelData, ModelData] | undefined;
}

/** What a model is attached with. */
export interface AttachOptions extends HeldOut {
  /**
   * How a loss function that returns one number combines its examples; `accumulate` and `microBatches` need to know.
   * Losses given by name have one value for each example.
   */
  readonly reduction?: Reduction | undefined;
}

/** True for an optimizer of any copy of core (`instanceof` is not, when two copies are installed). */
export function isSharpnessAware(candidate: unknown): candidate is SharpnessAwareOptimizer {
  const { getClassName } = (candidate ?? {}) as Partial<SharpnessAwareOptimizer>;
  return typeof getClassName === 'function' && getClassName.call(candidate) === 'FlatminSharpnessAwareOptimizer';
}

/** The one held-out loss that was given, if any. */
export function heldOutLoss(
  model: LayersModel,
  { validationLoss, validationData }: HeldOut,
  loss?: ModelLoss,
): LossFunction | undefined {
  if (validationData === undefined) return validationLoss;
  if (validationLoss === undefined) {
    const held = batchLoss(model, ...validationData, { loss });
    // Said so, as data of its own in a step that is replayed as a graph.
    return () => (stepInput(() => [...tensorsOf(validationData)]), held());
  }
  throw new FlatminError('SPEC_INVALID', 'both validationLoss and validationData were given. Give one of them.');
}

/**
 * Makes a compiled model train with its sharpness-aware optimizer exactly as with a plain one: the passes of a step
 * after the clean one compute no metrics and move no recurrent states, and the loss of `fit` gets access to its batch.
 * For models that were compiled by `model.compile` or loaded by `tf.loadLayersModel`; {@link compile} does this on its
 * own.
 *
 * If the optimizer evaluates at other weights than it trains, as a schedule-free base does, the model uses those in the
 * validation of `fit`, in `predict`, `evaluate` and `save`, and after `fit`. Training continues from the training
 * weights. Averages of batch normalization remain those of the training weights: `estimateStatistics` of \@flatmin/core
 * estimates them for the others.
 *
 * Without `attach`, `fit` trains the same weights and reports the same losses, but leaks a tensor per metric and extra
 * pass, and `trainOnBatch` returns each metric as many times as the step has passes. Call it again after another
 * `model.compile`.
 *
 * @param optimizer default: the one the model is compiled with.
 * @param options what a loaded LETS needs, and `reduction` of a scalar loss: neither is saved.
 * @returns the optimizer. One optimizer serves one model at a time.
 * @throws FlatminError SPEC_INVALID when the optimizer is not flatmin's, or held-out data is given twice.
 * @example
 * ```ts
 * const model = await tf.loadLayersModel('file://./model/model.json'); // saved with includeOptimizer: true
 * const optimizer = attach(model);
 * await model.fit(x, y, { epochs: 10 });
 * ```
 */
export function attach(
  model: LayersModel,
  optimizer?: SharpnessAwareOptimizer,
  options: AttachOptions = {},
): SharpnessAwareOptimizer {
  const found: unknown = optimizer ?? model.optimizer;
  if (!isSharpnessAware(found)) {
    const what =
      found == null ? 'is not compiled' : `has the optimizer ${(found as { getClassName(): string }).getClassName()}`;
    throw new FlatminError(
      'SPEC_INVALID',
      `the model ${model.name} ${what}. Compile it with an optimizer of flatmin's, such as sam({ base: { use: 'sgd', learningRate: 0.1 } }).`,
    );
  }
  checkReduction(options.reduction);
  giveBatchAccess(model);
  reduceBy(model, options.reduction);
  if (found.setup.base?.evaluationWeights !== undefined) {
    answerByEvaluationWeights(model, () => {
      const now: unknown = trainedModel(model).optimizer_;
      return isSharpnessAware(now) ? now : undefined;
    });
  }
  return found.attach({ extraPass: extraPassOf(model), validationLoss: heldOutLoss(model, options) });
}
