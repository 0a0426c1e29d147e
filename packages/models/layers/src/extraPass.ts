import type { ExtraPass } from '@flatmin/core/internal';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { withStartingStates } from './recurrentState.js';
import { trainedModel } from './trainedModel.js';

/**
 * Runs a pass in which the model reports nothing. The loss that `fit` gives to the optimizer computes the metrics as
 * well, keeps their tensors, and adds them to what `trainOnBatch` returns, at every call: two passes would report each
 * metric twice and leak it once. With several outputs their losses are metrics too, found by position among those of
 * all calls; the first call's come first.
 */
export function withoutMetrics<T>(model: LayersModel, pass: () => T): T {
  // Looked up at each pass: a tf.Sequential has a new inner model after each compile.
  const trained = trainedModel(model);
  const { metricsTensors } = trained;
  trained.metricsTensors = [];
  try {
    return pass();
  } finally {
    trained.metricsTensors = metricsTensors;
  }
}

/** How an optimizer runs the passes of a step after the clean one, so that they leave nothing behind in the model. */
export function extraPassOf(model: LayersModel): ExtraPass {
  return (pass) => withoutMetrics(model, () => withStartingStates(model, pass));
}
