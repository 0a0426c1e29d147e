import {
  type Clock,
  type DataSet,
  type FlatminContainer,
  type ModelContext,
  RandomStream,
  type Spec,
  taskOf,
  tokens,
} from '@flatmin/core';
import {
  train,
  type Callbacks,
  type Checkpoint,
  type CheckpointStore,
  type EarlyStoppingOptions,
  type EvaluateOptions,
  type LearningRateSpec,
  type TrainResult,
} from '@flatmin/training';
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
  /** Of `train`, as are the others below. */
  readonly evaluate?: EvaluateOptions | undefined;
  readonly earlyStopping?: EarlyStoppingOptions | undefined;
  readonly checkpointEvery?: number | undefined;
  readonly dryRun?: boolean | undefined;
  /** True runs steps eagerly on the native backend too. */
  readonly eager?: boolean | undefined;
}

export interface ExperimentContext {
  readonly container: FlatminContainer;
  readonly callbacks?: readonly Callbacks[];
  readonly checkpoints?: CheckpointStore | undefined;
  readonly signal?: AbortSignal;
  /** Where the run stood when it was interrupted, and the lines of metrics that it had written by then. */
  readonly resume?: Checkpoint | undefined;
  readonly past?: readonly MetricsLine[];
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
  const validationLoss = heldOutLoss(dataset, model, { batchSize: experiment.validationBatchSize, seed });
  const totalSteps = epochs * Math.ceil(dataset.train.size / batchSize);
  const optimizer = context.container.createOptimizer(experiment.optimizer, {
    totalSteps,
    ...(validationLoss && { validationLoss }),
    ...(model.roles && { parameters: model.roles }),
  });
  // Others never ask for it, and it may be a large part of the data.
  if (optimizer.takesValidationLoss) await validationLoss?.load();
  const record = recorder(experiment, context.write, context.past);
  try {
    const result = await train({
      ...settingsOf(experiment),
      dataset,
      model,
      optimizer,
      positions: validationLoss === undefined ? {} : { validationLoss },
      callbacks: [record.callbacks, ...(context.callbacks ?? [])],
      checkpoints: context.checkpoints,
      resume: context.resume,
      clock: context.container.get<Clock>(tokens.Clock),
      ...(context.signal && { signal: context.signal }),
    });
    return record.finish(withBest(result, experiment));
  } finally {
    optimizer.dispose();
    model.dispose();
    validationLoss?.dispose();
  }
}

/** A result that tells of the best weights where the model ended with them. */
function withBest({ best, ...result }: TrainResult, { earlyStopping }: Experiment): TrainResult {
  const isRestored = best !== undefined && !result.stopped && earlyStopping?.restoreBest !== false;
  return isRestored ? { ...result, best } : result;
}

/** What `train` takes as it stands, and what else makes this run this one. */
function settingsOf(experiment: Experiment) {
  const { epochs, batchSize, seed, learningRate, labelSmoothing, logEvery } = experiment;
  const { evaluate, earlyStopping, checkpointEvery, dryRun, eager } = experiment;
  return {
    epochs,
    batchSize,
    seed,
    logEvery,
    ...(learningRate !== undefined && { learningRate }),
    labelSmoothing,
    evaluate,
    earlyStopping,
    checkpointEvery,
    dryRun,
    eager,
    identity: {
      dataset: JSON.stringify(experiment.dataset),
      'model spec': JSON.stringify(experiment.model),
      validationBatchSize: `${experiment.validationBatchSize}`,
    },
  };
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
