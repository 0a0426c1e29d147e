import type * as tf from '@tensorflow/tfjs-core';
import type { LayersModel, ModelCompileArgs } from '@tensorflow/tfjs-layers';
import { numberDropout } from './dropoutNumbers.js';

/** A loss or metric as TF.js calls it: per example [batch], or with further axes, or already a scalar. */
export type LossOrMetric = (yTrue: tf.Tensor, yPred: tf.Tensor) => tf.Tensor;

/** One tensor, one for each input or output in order, or one for each by name. */
export type ModelData = tf.Tensor | readonly tf.Tensor[] | { readonly [name: string]: tf.Tensor };

/** What TF.js's training function calls: a whole optimizer to others. */
export interface Minimizer {
  minimize(loss: () => tf.Scalar, returnCost?: boolean, variables?: tf.Variable[]): tf.Scalar | null;
}

/**
 * The side of a `tf.LayersModel` (TF.js 4) that its types hide. The training function made by `makeTrainFunction` reads
 * these fields again at every call, which is what makes an adapter possible.
 */
export interface TrainedModel {
  readonly inputNames: string[];
  readonly outputNames: string[];
  /** As `compile` was given it. */
  readonly loss: unknown;
  /** Undefined before `compile`. */
  lossFunctions: (LossOrMetric | undefined)[] | undefined;
  /** Each metric with the index of its output; with several outputs, their losses come first. */
  metricsTensors: [LossOrMetric, number][];
  optimizer_: Minimizer;
  isOptimizerOwned: boolean;
  readonly collectedTrainableWeights: { read(): tf.Variable }[];
  readonly nonTrainableWeights: { read(): tf.Variable }[];
  compile(args: ModelCompileArgs): void;
  makeTrainFunction(): (data: (tf.Tensor | null)[]) => tf.Scalar[];
  /** Lists inputs and targets in order, with two axes or more; throws where they do not fit the model. */
  standardizeUserDataXY(x: ModelData, y: ModelData, checkBatchAxis: boolean): [tf.Tensor[], tf.Tensor[]];
  apply(x: tf.Tensor | tf.Tensor[], kwargs: { readonly training: boolean }): tf.Tensor | tf.Tensor[];
  /** The penalties of the regularizers. */
  calculateLosses(): tf.Scalar[];
}

const numbered = new WeakSet<object>();

/**
 * The model that TF.js trains: a `tf.Sequential` hands everything to a model inside it, made again by each `compile`.
 */
export function trainedModel(model: LayersModel): TrainedModel {
  const trained = trainedBy(model);
  if (!numbered.has(trained)) {
    numbered.add(trained);
    numberDropout(model);
  }
  return trained;
}

function trainedBy(model: LayersModel): TrainedModel {
  if (model.getClassName() !== 'Sequential') return model as unknown as TrainedModel;
  const sequential = model as unknown as { model?: LayersModel | null; build(): void };
  if (sequential.model == null) sequential.build();
  return sequential.model as unknown as TrainedModel;
}
