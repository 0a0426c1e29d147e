import type { Clock, Problem } from '@flatmin/core';
import { type DataSet, throwProblems } from '@flatmin/core/plugin';
import type * as tf from '@tensorflow/tfjs-core';
import type { Callbacks, EpochRecord, PartName } from './callbacks.js';
import type { Checkpoint, CheckpointStore } from '../checkpoint/checkpoint.js';
import type { BestState, EarlyStoppingOptions } from './earlyStopping.js';
import type { LearningRateSchedule, LearningRateSpec } from '../settings/learningRate.js';
import type { LoopOptimizer } from './optimizer.js';
import type { RunIdentity } from '../checkpoint/runState.js';
import { problemsOfRun, problemsOfSettings } from '../settings/trainSettings.js';
import type { AnyModel } from '../tasks/methods.js';

export interface EvaluateOptions {
  /** Judged at the end of an epoch, and always of the last. Default: all three. */
  readonly parts?: readonly PartName[] | undefined;
  /** Every so many epochs; default 1. */
  readonly every?: number | undefined;
  /** Every so many steps too; default: only at the end of epochs. */
  readonly everySteps?: number | undefined;
  /** Examples a forward pass; default 500. */
  readonly batchSize?: number | undefined;
  /**
   * Sequence to sequence: parts whose targets the model also generates where the end of an epoch is judged: `scores.bleu` and
   * `scores.exactMatch`. It costs a search for each source; default: none.
   */
  readonly generate?: readonly PartName[] | undefined;
}

export interface TrainOptions {
  /** Its task decides the loss: cross-entropy of classes or of tokens, squared error in regression. */
  readonly dataset: DataSet;
  readonly model: AnyModel;
  /** Any optimizer of flatmin; it stays the caller's to dispose, as do the model and the data. */
  readonly optimizer: LoopOptimizer;
  readonly epochs: number;
  readonly batchSize: number;
  /** A number, a schedule, or a function of the step. Default: the optimizer's own learning rate, unchanged. */
  readonly learningRate?: LearningRateSpec | LearningRateSchedule | undefined;
  /** Decides the order of the examples; default 0. */
  readonly seed?: number;
  /**
   * On the native backend steps run as graphs (@flatmin/graph), up to three times as fast; true runs them eagerly there too. Graphs
   * are checked against the code of model, loss and regularizer at each epoch and logging interval, and after callbacks: what has
   * changed by then is followed, and one line says so.
   */
  readonly eager?: boolean | undefined;
  /** The share of each target that goes to all classes alike, from 0 to below 1; default 0. Evaluation is without it. */
  readonly labelSmoothing?: number | undefined;
  /** A scalar added to the loss of every batch (weight decay, ...). */
  readonly regularizer?: () => tf.Scalar;
  readonly evaluate?: EvaluateOptions | undefined;
  /** Steps between two readings of the losses, which also check that they are finite; default 50. */
  readonly logEvery?: number;
  readonly callbacks?: readonly Callbacks[];
  /** Where to leave a checkpoint at the end of each epoch. The last good one is kept in memory anyway, for a failure. */
  readonly checkpoints?: CheckpointStore | undefined;
  /** Steps between two checkpoints within an epoch; default: only at the ends of epochs. */
  readonly checkpointEvery?: number | undefined;
  /** Goes on where this one was taken; the other options must be those of the run that saved it. */
  readonly resume?: Checkpoint | undefined;
  /** What else the run is known by, beside its options: a checkpoint with another text under one of the names is refused. */
  readonly identity?: RunIdentity;
  /** What else moves with the steps and has to resume: its position is saved and set, as that of `validationBatches`. */
  readonly positions?: Readonly<Record<string, { position: number }>>;
  /** Ends the run when evaluations no longer get better, and gives the model its best weights back. */
  readonly earlyStopping?: EarlyStoppingOptions | undefined;
  /** Tries a batch before the first step, and undoes it, so that what does not fit shows at once; default true. */
  readonly dryRun?: boolean | undefined;
  /** Tells the time that the run takes, and what is left; default: that of the system. */
  readonly clock?: Clock | undefined;
  /** Stops the run before its next step. It then saves a checkpoint and returns what it has, with `stopped: true`. */
  readonly signal?: AbortSignal;
}

export interface TrainResult {
  /** One record an epoch. Equal seed, backend and options give an equal history. */
  readonly history: readonly EpochRecord[];
  readonly steps: number;
  /** Of all steps together: the cost of the run that does not depend on the machine. */
  readonly gradientEvaluations: number;
  /** Also those before the run was resumed. */
  readonly seconds: number;
  /** True when `signal` ended the run early. */
  readonly stopped: boolean;
  /** True when `earlyStopping` did. */
  readonly stoppedEarly: boolean;
  /** The best evaluation under `earlyStopping`: its value, when it was, and the evaluations since then. */
  readonly best?: BestState;
}

/** Refuses what cannot work before any work is done: wrong settings, all at once, or else all that does not fit data and model. */
export function checkOptions(options: TrainOptions): void {
  throwProblems(problemsOfSettings(options), 'train()');
  throwProblems([...problemsOfRun(options, options), ...problemsOfRate(options)], 'train()');
}

/** Of an optimizer of the caller's: one without a base has no learning rate to go on with. */
function problemsOfRate({ learningRate, optimizer }: TrainOptions): Problem[] {
  if (learningRate !== undefined || Number.isFinite(optimizer.learningRate)) return [];
  const remedy = 'Give it a base, such as { use: "momentum", learningRate: 0.1, momentum: 0.9 }.';
  return [{ path: 'optimizer.learningRate', value: optimizer.learningRate, message: 'is no number', remedy }];
}
