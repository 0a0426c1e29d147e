import { FlatminError } from '@flatmin/core';
import { show } from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel, ModelCompileArgs } from '@tensorflow/tfjs-layers';
import { type TrainedModel, trainedModel } from './trainedModel.js';

/** A loss as `model.compile` takes it: a name or function, one for each output in order, or one for each by name. */
export type ModelLoss = NonNullable<ModelCompileArgs['loss']>;

/** `compile` wants an optimizer and does nothing with it; this one holds no tensors. */
class Idle extends tf.Optimizer {
  override applyGradients(): void {}
  override getConfig(): tf.serialization.ConfigDict {
    return {};
  }
}

/**
 * The model as if it were compiled with `loss`, leaving it as it is: TF.js exports no table of its losses, so the name
 * is looked up by `compile` itself, on an object that inherits from the model and takes all that `compile` writes.
 */
function shadowCompiled(trained: TrainedModel, loss: ModelLoss): TrainedModel {
  const shadow = Object.create(trained) as TrainedModel;
  try {
    shadow.compile({ loss, optimizer: new Idle() });
  } catch (error) {
    throw new FlatminError(
      'LOSS_INVALID',
      `the model cannot have the loss ${show(loss)}: ${(error as Error).message}`,
      {
        cause: error,
      },
    );
  }
  return shadow;
}

/** The model with its compiled loss or the given one, every output of which has a loss. */
export function withLoss(model: LayersModel, loss: ModelLoss | undefined): TrainedModel {
  const trained = trainedModel(model);
  if (loss === undefined && trained.lossFunctions === undefined) {
    throw new FlatminError(
      'LOSS_INVALID',
      `the model ${show(model.name)} is not compiled and no loss was given. Compile it first, or pass { loss: 'meanSquaredError' }.`,
    );
  }
  const compiled = loss === undefined ? trained : shadowCompiled(trained, loss);
  compiled.lossFunctions?.forEach((found, i) => {
    if (typeof found === 'function') return;
    throw new FlatminError(
      'LOSS_INVALID',
      `the output ${show(compiled.outputNames[i])} of the model ${show(model.name)} has no loss. Give one for each output.`,
    );
  });
  return compiled;
}
