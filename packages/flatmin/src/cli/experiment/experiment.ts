import { RandomStream, taskOf, type DataSet, type FlatminContainer, type ModelContext, type Spec } from '@flatmin/core';
import { train, type Callbacks, type CheckpointStore, type LearningRateSpec, type PartName } from '@flatmin/training';
import { heldOutLoss } from './heldOutLoss.js';
import { recorder } from './recorder.js';
import type { MetricsLine, RunRecord } from './runRecord.js';

/** One run: plain data, so that it can be written to a file and sent to another process. */
export interface Experiment {
  /** Names the method in tables and plots. */
  readonly method: string;
  readonly seed: number;
  readonly dataset: Spec;
  readonly model: Spec;
  readonly optimizer: Spec;
  readonly epochs: number;
  readonly batchSize: number;
  readonly validationBatchSize: number;
  readonly learningRate?: LearningRateSpec | undefined;
  readonly labelSmoothing?: number | undefined;
  readonly logEvery: number;
  /** The parts that each epoch is judged on; default all. */
  readonly parts?: readonly PartName[];
}

export interface ExperimentContext {
  readonly container: FlatminContainer;
  readonly callbacks?: readonly Callbacks[];
  readonly checkpoints?: CheckpointStore | undefined;
  readonly signal?: AbortSignal;
  /** True runs steps eagerly on the native backend too. */
  readonly eager?: boolean | undefined;
  /** Gets each line of metrics as it comes. */
  readonly write: (line: MetricsLine) => void;
}

/**
 * Builds data set, model and optimizer from their specs and trains. The seed decides the initial weights, the order of
 * the examples and the order of the held-out batches that LETS sees; the test part is only ever evaluated.
 */
export async function runExperiment(experiment: Experiment, context: ExperimentContext): Promise<RunRecord> {
  const { seed, epochs, batchSize } = experiment;
  const random = new RandomStream(seed);
  const dataset = await context.container.createDataSet(experiment.dataset);
  const model = context.container.createModel(experiment.model, {
    ...modelContext(dataset),
    random: random.at('model'),
  });
  const validationLoss = await heldOutLoss(dataset, model, { batchSize: experiment.validationBatchSize, seed });
  const totalSteps = epochs * Math.ceil(dataset.train.size / batchSize);
  const optimizer = context.container.createOptimizer(experiment.optimizer, {
    totalSteps,
    ...(validationLoss && { validationLoss }),
    ...(model.roles && { parameters: model.roles }),
  });
  const record = recorder(experiment, context.write);
  try {
    const result = await train({
      dataset,
      model,
      optimizer,
      epochs,
      batchSize,
      seed,
      logEvery: experiment.logEvery,
      eager: context.eager,
      labelSmoothing: experiment.labelSmoothing,
      ...(experiment.parts && { evaluate: { parts: experiment.parts } }),
      callbacks: [record.callbacks, ...(context.callbacks ?? [])],
      ...(experiment.learningRate !== undefined && { learningRate: experiment.learningRate }),
      ...(context.checkpoints && { checkpoints: context.checkpoints }),
      ...(context.signal && { signal: context.signal }),
    });
    return record.finish(result);
  } finally {
    optimizer.dispose();
    model.dispose();
    validationLoss?.dispose();
  }
}

/** What a model must fit. */
function modelContext(dataset: DataSet): Omit<ModelContext, 'random'> {
  const { inputShape, classes, vocabulary } = dataset;
  return {
    task: taskOf(dataset),
    inputShape,
    classes,
    ...(vocabulary && { vocabulary }),
    ...('targetVocabulary' in dataset && { targetVocabulary: dataset.targetVocabulary }),
  };
}
