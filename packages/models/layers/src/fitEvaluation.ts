import { isFlatminError, type SharpnessAwareOptimizer } from '@flatmin/core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { declareAverages } from './averages.js';
import { sublayers, type Layer } from './sublayers.js';
import { trainedModel } from './trainedModel.js';

/** What of a model answers, or is kept, and what trains it. */
const answering = ['predict', 'predictOnBatch', 'evaluate', 'evaluateDataset', 'save'] as const;
const training = ['fit', 'fitDataset'] as const;

type Method = (...given: unknown[]) => unknown;
type Methods = Record<string, Method>;
/** Computes loss and metrics of a batch. */
type TestFunction = (data: unknown) => unknown;

const prepared = new WeakSet<object>();

/**
 * Makes a model answer by the weights that its optimizer evaluates with, where these are not those that train: in the
 * validation of `fit`, in `predict`, `evaluate` and `save`, and after `fit`, which leaves them in the model. The next
 * step begins at those that train.
 *
 * @param optimizerOf gives the optimizer of the model as it is now, if it is one of flatmin's.
 */
export function answerByEvaluationWeights(
  model: LayersModel,
  optimizerOf: () => SharpnessAwareOptimizer | undefined,
): void {
  declareAverages(model);
  const arrive = (): void => useEvaluationWeights(model, optimizerOf());
  seeTests(model, arrive);
  if (prepared.has(model)) return;
  prepared.add(model);
  sayStatistics(model, optimizerOf());
  const methods = model as unknown as Methods;
  for (const name of answering) {
    const method = (methods[name] as Method).bind(model);
    methods[name] = (...given) => (arrive(), method(...given));
  }
  for (const name of training) {
    const method = (methods[name] as Method).bind(model);
    methods[name] = async (...given) => {
      try {
        return await method(...given);
      } finally {
        arrive();
      }
    };
  }
}

/** The validation of `fit` knows no method of the model but the function that this makes. */
function seeTests(model: LayersModel, arrive: () => void): void {
  const trained = trainedModel(model) as unknown as { makeTestFunction(): void; testFunction: TestFunction };
  if (Object.hasOwn(trained, 'makeTestFunction')) return;
  const make = trained.makeTestFunction.bind(trained);
  trained.makeTestFunction = () => {
    make();
    const test = trained.testFunction;
    trained.testFunction = (data) => (arrive(), test(data));
  };
}

function useEvaluationWeights(model: LayersModel, optimizer: SharpnessAwareOptimizer | undefined): void {
  const variables = trainedModel(model).collectedTrainableWeights.map((weight) => weight.read());
  try {
    optimizer?.useEvaluationWeights(variables);
  } catch (error) {
    // Nobody remembers other weights then.
    if (!isFlatminError(error) || error.code !== 'OPTIMIZER_DISPOSED') throw error;
  }
}

/** `fit` has no other batches than those it trains on, which are gone when it validates. */
function sayStatistics(model: LayersModel, optimizer: SharpnessAwareOptimizer | undefined): void {
  const layers = [...sublayers(trainedModel(model) as unknown as Layer)];
  if (!layers.some((layer) => layer.getClassName() === 'BatchNormalization')) return;
  optimizer?.setup.logger.warn(
    `flatmin: ${model.name} has batch normalization, whose averages are those of the weights that train, and ` +
      `${optimizer.setup.base?.id} evaluates by others. Call estimateStatistics of @flatmin/core before you evaluate, ` +
      'predict or save, or train with train() of @flatmin/training, which does it.',
  );
}
