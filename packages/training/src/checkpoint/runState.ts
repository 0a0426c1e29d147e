import type { Metrics } from '../tasks/task.js';

/** What makes a run that run and no other, by name, as text. */
export type RunIdentity = Readonly<Record<string, string>>;

/** How a run stands, beside its tensors: plain data. With the tensors of a checkpoint it decides all that follows. */
export interface RunState {
  readonly identity: RunIdentity;
  /** Epochs done. */
  readonly epoch: number;
  /** Batches of the next epoch that are done. */
  readonly batch: number;
  readonly steps: number;
  readonly gradientEvaluations: number;
  /** rho as the last log event had it. */
  readonly radius: number | null;
  readonly losses: LossState;
  readonly history: readonly EpochRecord[];
  /** Where early stopping stands. */
  readonly best?: BestState;
  /** Of the positions that the caller gave. */
  readonly positions: Readonly<Record<string, number>>;
  /** Time that the run has taken, also before it was resumed. */
  readonly seconds: number;
}

/** One line of the history: how the run stood after an epoch. Holds no times, so equal runs have equal histories. */
export interface EpochRecord {
  /** Epochs done, counted from 1. */
  readonly epoch: number;
  readonly step: number;
  readonly learningRate: number;
  /** Mean loss of the epoch's steps, each taken before its update. */
  readonly loss: number;
  readonly radius: number | null;
  readonly gradientEvaluations: number;
  /** What `evaluate` asked for, at the end of the epoch. */
  readonly train?: Metrics;
  readonly validation?: Metrics;
  readonly test?: Metrics;
}

/** The best evaluation of a run so far. */
export interface BestState {
  readonly value: number;
  readonly epoch: number;
  readonly step: number;
  /** Evaluations since then. */
  readonly stale: number;
}

/** A sum in the order of the steps, so that it has the same bits however often it was read or saved on the way. */
export interface LossSum {
  readonly sum: number;
  readonly count: number;
}

/** What is known of the losses of a run: plain data, for a checkpoint. */
export interface LossState {
  /** Of the steps of this epoch. */
  readonly epoch: LossSum;
  /** Of the steps that no log event has told yet. */
  readonly unlogged: LossSum;
  readonly lastFinite?: { readonly step: number; readonly loss: number };
}
