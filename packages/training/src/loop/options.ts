import type { Clock, Problem } from '@flatmin/core';
import { type DataSet, throwProblems } from '@flatmin/core/plugin';
import type * as tf from '@tensorflow/tfjs-core';
import type { Checkpoint, CheckpointStore } from '../checkpoint/checkpoint.js';
import type { BestState, EpochRecord, RunIdentity } from '../checkpoint/runState.js';
import { problemsOfRun } from '../settings/problemsOfRun.js';
import {
  type DefaultSettings,
  problemsOfSettings,
  type TrainSettings,
  withDefaults,
} from '../settings/trainSettings.js';
import type { AnyModel } from '../tasks/task.js';
import type { Callbacks } from './callbacks.js';
import type { LoopOptimizer } from './optimizer.js';

/**
 * Something that is measured of a model every so many steps, such as its curvature: see `probe` of @flatmin/analysis.
 */
export interface Probe {
  readonly everySteps: number;
  /** The numbers by name; a callback's `onProbe` gets them. */
  readonly measure: () => Promise<Readonly<Record<string, number>>>;
}

/** Settings, and what has no form in JSON. */
export interface TrainOptions extends TrainSettings {
  /** Its task decides the loss: cross-entropy of classes or of tokens, squared error in regression. */
  readonly dataset: DataSet;
  readonly model: AnyModel;
  /** Any optimizer of flatmin; it stays the caller's to dispose, as do the model and the data. */
  readonly optimizer: LoopOptimizer;
  /** A scalar added to the loss of every batch (weight decay, ...). */
  readonly regularizer?: () => tf.Scalar;
  readonly callbacks?: readonly Callbacks[];
  /**
   * Where to leave a checkpoint at the end of each epoch. The last good one is kept in memory anyway, for a failure.
   */
  readonly checkpoints?: CheckpointStore | undefined;
  /** Goes on where this one was taken; the other options must be those of the run that saved it. */
  readonly resume?: Checkpoint | undefined;
  /**
   * What else the run is known by, beside its options: a checkpoint with another text under one of the names is
   * refused.
   */
  readonly identity?: RunIdentity;
  /**
   * What else moves with the steps and has to resume: its position is saved and set, as that of `validationBatches`.
   */
  readonly positions?: Readonly<Record<string, { position: number }>>;
  /** Measures the weights as the run goes. It must leave model and optimizer as they are. */
  readonly probe?: Probe | undefined;
  /** Tells the time that the run takes, and what is left; default: that of the system. */
  readonly clock?: Clock | undefined;
  /** Stops the run before its next step. It then saves a checkpoint and returns what it has, with `stopped: true`. */
  readonly signal?: AbortSignal;
}

/** Checked options, with what was not given. */
export type RunOptions = TrainOptions & DefaultSettings;

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

/**
 * The options with their defaults. Refuses what cannot work before any work is done: wrong settings, all at once, or
 * else all that does not fit data and model.
 */
export function checkedOptions(options: TrainOptions): RunOptions {
  throwProblems(problemsOfSettings(options), 'train()');
  throwProblems([...problemsOfRun(options, options), ...problemsOfRate(options)], 'train()');
  return withDefaults(options);
}

/** Of an optimizer of the caller's: one without a base has no learning rate to go on with. */
function problemsOfRate({ learningRate, optimizer }: TrainOptions): Problem[] {
  if (learningRate !== undefined || Number.isFinite(optimizer.learningRate)) return [];
  const remedy = 'Give it a base, such as { use: "momentum", learningRate: 0.1, momentum: 0.9 }.';
  return [{ path: 'optimizer.learningRate', value: optimizer.learningRate, message: 'is not a number', remedy }];
}
