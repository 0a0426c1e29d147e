import { type Clock, type FlatminContainer, isFlatminError, tokens } from '@flatmin/core';
import {
  train,
  type Callbacks,
  type Checkpoint,
  type CheckpointStore,
  type RunIdentity,
  type TrainResult,
} from '@flatmin/training';
import { withoutPaths } from '../config/specPaths.js';
import { dataPrint } from './dataPrint.js';
import type { Experiment } from './experiment.js';
import { type Prepared, prepare } from './prepare.js';
import { peakMemory } from './peakMemory.js';
import { recorder } from './recorder.js';
import type { MetricsLine, RunRecord, RunRecordBuilder } from './runRecord.js';

export interface ExperimentContext {
  readonly container: FlatminContainer;
  readonly callbacks?: readonly Callbacks[];
  readonly checkpoints?: CheckpointStore | undefined;
  readonly signal?: AbortSignal;
  /** Where the run stood when it was interrupted, and what it had told by then. */
  readonly resume?: Checkpoint | undefined;
  readonly past?: RunRecordBuilder | undefined;
  /** Whether the record tells the most memory that the process had at a time. */
  readonly measuresMemory?: boolean | undefined;
  /** Gets each line of metrics as it comes. */
  readonly write: (line: MetricsLine) => void;
}

/**
 * Builds data set, model and optimizer from their specs and trains. The seed decides the initial weights, the order of
 * the examples and the order of the held-out batches that LETS sees; the test part is only ever evaluated. A run whose
 * numbers are no longer finite is a result, too: its record says so, and other runs go on.
 */
export async function runExperiment(experiment: Experiment, context: ExperimentContext): Promise<RunRecord> {
  const peak = context.measuresMemory === true ? peakMemory() : () => undefined;
  const prepared = await prepare(experiment, context.container);
  const probed = await probeOf(experiment, prepared);
  const record = recorder(experiment, context.write, context.past, context.resume?.run.history);
  try {
    const result = await train({
      ...(await trainOptionsOf(experiment, prepared)),
      ...(probed && { probe: probed.probe }),
      identity: await identityOf(experiment, prepared, context),
      callbacks: [record.callbacks, ...(context.callbacks ?? [])],
      checkpoints: context.checkpoints,
      resume: context.resume,
      clock: context.container.get<Clock>(tokens.Clock),
      ...(context.signal && { signal: context.signal }),
    });
    return record.finish(withBest(result, experiment), peak());
  } catch (error) {
    if (isFlatminError(error) && error.code === 'NON_FINITE') return record.fail(error);
    throw error;
  } finally {
    probed?.dispose();
    prepared.dispose();
  }
}

/** What measures the weights of a run as it goes, where it asks for that. */
async function probeOf({ probe: asked }: Experiment, { model, dataset }: Prepared) {
  if (asked === undefined) return undefined;
  const { modelSurface, probe } = await import('@flatmin/analysis'); // Only where it is of use.
  const { part, examples, everySteps, measures, rho, products } = asked;
  const surface = await modelSurface(model, dataset, { part, examples });
  return { probe: probe(surface, { everySteps, measures, rho, products }), dispose: () => surface.dispose() };
}

/** A result that tells of the best weights where the model ended with them. */
function withBest({ best, ...result }: TrainResult, { earlyStopping }: Experiment): TrainResult {
  const isRestored = best !== undefined && !result.stopped && earlyStopping?.restoreBest !== false;
  return isRestored ? { ...result, best } : result;
}

/** What `train` takes of an experiment; held-out data is read where the optimizer learns from it. */
export async function trainOptionsOf(experiment: Experiment, { dataset, model, optimizer, validationLoss }: Prepared) {
  // Others never ask for it, and it may be a large part of the data.
  if (optimizer.takesValidationLoss) await validationLoss?.load();
  const { epochs, batchSize, seed, learningRate, labelSmoothing, logEvery } = experiment;
  const { mix, evaluate, earlyStopping, reduceOnPlateau, checkpointEvery, dryRun, eager } = experiment;
  return {
    dataset,
    model,
    optimizer,
    epochs,
    batchSize,
    seed,
    logEvery,
    ...(learningRate !== undefined && { learningRate }),
    labelSmoothing,
    mix,
    evaluate,
    earlyStopping,
    reduceOnPlateau,
    checkpointEvery,
    dryRun,
    eager,
    positions: validationLoss === undefined ? {} : { validationLoss },
  };
}

/** What else makes a run that run and no other. */
async function identityOf(
  { dataset, model, validationBatchSize }: Experiment,
  prepared: Prepared,
  { container, resume }: ExperimentContext,
): Promise<RunIdentity> {
  // Runs of earlier releases did not tell their data.
  const isTold = resume === undefined || 'data' in resume.run.identity;
  return {
    dataset: JSON.stringify(dataset),
    ...(isTold && { data: await dataPrint(prepared.dataset) }),
    'model spec': JSON.stringify(withoutPaths(model, container)),
    validationBatchSize: `${validationBatchSize}`,
  };
}
