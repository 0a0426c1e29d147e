import { RandomStream, type DataPart, type FlatminContainer, type Spec } from '@flatmin/core';
import { validationBatches } from '@flatmin/lets';
import {
  crossEntropyPerExample,
  encodeLabels,
  requireClassification,
  train,
  type Callbacks,
  type CheckpointStore,
  type LearningRateSpec,
  type PartName,
} from '@flatmin/training';
import * as tf from '@tensorflow/tfjs-core';
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
  const dataset = requireClassification(await context.container.createDataSet(experiment.dataset));
  const { inputShape, classes, vocabulary } = dataset;
  const model = context.container.createModel(experiment.model, {
    task: 'classification',
    inputShape,
    classes,
    ...(vocabulary && { vocabulary }),
    random: random.at('model'),
  });
  const heldOut = await wholePart(dataset.validation, classes);
  const loss = (x: tf.Tensor, oneHot: tf.Tensor): tf.Scalar =>
    tf.mean(crossEntropyPerExample(oneHot as tf.Tensor2D, model.apply(x, { training: false })));
  const validationLoss =
    heldOut && validationBatches({ ...heldOut, batchSize: experiment.validationBatchSize, seed }, loss);
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
    if (heldOut !== undefined) tf.dispose([heldOut.x, heldOut.y]);
  }
}

/** A part as two tensors, labels encoded; undefined where it is empty. */
async function wholePart(part: DataPart, classes: number): Promise<{ x: tf.Tensor; y: tf.Tensor2D } | undefined> {
  if (part.size === 0) return undefined;
  for await (const { x, y } of part.batches({ batchSize: part.size })) {
    const oneHot = encodeLabels(y, classes);
    y.dispose();
    return { x, y: oneHot };
  }
  return undefined;
}
