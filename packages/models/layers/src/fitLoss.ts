import type { LossFunction } from '@flatmin/core';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { withoutMetrics } from './extraPass.js';
import type { Reduction } from './outputLosses.js';
import { lossOfRows, rowsOf } from './rowsLoss.js';
import { type TrainedModel, trainedModel } from './trainedModel.js';

/** Runs `pass` and gives the model's statistics back as they were. */
function keepingStatistics(model: TrainedModel, pass: () => void): void {
  const variables = model.nonTrainableWeights.map((weight) => weight.read());
  const before = variables.map((variable) => variable.clone());
  try {
    pass();
  } finally {
    variables.forEach((variable, i) => variable.assign(before[i] as tf.Tensor));
  }
}

/** What was said of the losses of models that are one number for a batch. */
const reductions = new WeakMap<LayersModel, Reduction>();

/** Remembers what the scalar losses of a model are of their examples; undefined forgets it. */
export function reduceBy(model: LayersModel, reduction: Reduction | undefined): void {
  if (reduction === undefined) reductions.delete(model);
  else reductions.set(model, reduction);
}

/**
 * The loss that `fit` gives to its optimizer, with access to the batch. A variant that takes it apart may never ask for
 * the whole (m-sharpness does not), and nobody would compute the metrics: one more forward pass then does, before any
 * part.
 */
export function withAccess(
  model: LayersModel,
  whole: () => tf.Scalar,
  data: readonly (tf.Tensor | null)[],
): LossFunction {
  const trained = trainedModel(model);
  const parts = lossOfRows(trained, rowsOf(trained, data), { training: true, reduction: reductions.get(model) });
  let asked = trained.metricsTensors.length === 0;
  let reportedAhead = false;
  const report = (): void => {
    if (asked || reportedAhead) return;
    reportedAhead = true;
    tf.tidy(() => keepingStatistics(trained, () => void whole()));
  };
  const loss = (): tf.Scalar => {
    asked = true;
    return reportedAhead ? withoutMetrics(model, whole) : whole();
  };
  return Object.assign(loss, {
    size: parts.size,
    perExample: () => parts.perExample(),
    ...(parts.labels && { labels: () => (parts.labels as () => tf.Tensor1D)() }),
    weighted: (factors: tf.Tensor1D): LossFunction => {
      report();
      return parts.weighted(factors);
    },
    throughOutputs: () => parts.throughOutputs(),
    throughBatch: () => parts.throughBatch(),
    subset: (indices: tf.Tensor1D | readonly number[]): LossFunction => {
      report();
      return parts.subset(indices);
    },
    split: (count: number): readonly LossFunction[] => {
      report();
      return parts.split(count);
    },
  });
}
