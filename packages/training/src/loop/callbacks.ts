import type { StepMetrics } from '@flatmin/core';
import type { PartName } from '@flatmin/data';
import type * as tf from '@tensorflow/tfjs-core';
import type { EpochRecord } from '../checkpoint/runState.js';
import type { Metrics } from '../tasks/task.js';

/**
 * Before every step: the batch as the model gets it, augmented and mixed. The tensors are the loop's; they end with the
 * step.
 */
export interface BatchEvent extends Omit<StepEvent, 'secondsLeft'> {
  readonly x: tf.Tensor;
  /** As the data set gives it; under `mix` as the loss takes it: of classes [batch, classes], shares that sum to 1. */
  readonly y: tf.Tensor;
}

/** After every step. Nothing has been read back from the backend: ask for what you need, and pay for it. */
export interface StepEvent {
  /** Steps done, counted from 1 over the whole run. */
  readonly step: number;
  readonly totalSteps: number;
  readonly epoch: number;
  readonly learningRate: number;
  /**
   * By the steps and evaluations of this process so far, but for first ones, which record graphs; NaN before there are
   * others.
   */
  readonly secondsLeft: number;
}

/**
 * What a run does: it tries a batch, waits for data, records a step as a graph, takes steps, judges, generates targets,
 * probes the weights, or writes a checkpoint.
 */
export type Phase =
  'trying' | 'reading' | 'recording' | 'training' | 'evaluating' | 'generating' | 'probing' | 'writing';

/** When a run begins something that may take its time, and as it goes on with it. */
export interface PhaseEvent {
  readonly phase: Phase;
  /** Steps done. */
  readonly step: number;
  readonly totalSteps: number;
  /** Of evaluating and generating: which part, and how many of its examples are done. */
  readonly part?: PartName;
  readonly done?: number;
  readonly total?: number;
}

/**
 * Every `logEvery` steps and at the end of an epoch: when the loop reads the losses back and checks that they are
 * finite.
 */
export interface LogEvent extends StepEvent {
  /** Mean loss of the steps since the last log event. */
  readonly loss: number;
  /** rho after this step: the learned one under LETS; null where the step used none. */
  readonly radius: number | null;
  /** Everything the last step reported. */
  readonly lastStep: StepMetrics;
  /** Gradient evaluations since the start of the run. */
  readonly gradientEvaluations: number;
  readonly secondsElapsed: number;
}

export interface EvaluationEvent extends Metrics {
  /** Of the steps that led here, counted from 1. */
  readonly epoch: number;
  readonly step: number;
  readonly part: PartName;
}

/** What a probe found after a step. */
export interface ProbeEvent {
  readonly epoch: number;
  readonly step: number;
  readonly values: Readonly<Record<string, number>>;
}

/**
 * The end of a run, or of this part of it: one that was stopped, or failed for a reason outside of it, can be resumed.
 */
export interface EndEvent {
  readonly how: 'finished' | 'stopped' | 'diverged' | 'failed';
}

/**
 * What a run calls as it goes, in the order given; each may be asynchronous, and the run waits for it. A throw ends the
 * run.
 */
export interface Callbacks {
  /**
   * True where these functions change nothing that a step computes with, as those that only show or write how a run
   * goes. After others a step that runs as a graph is checked against the code before it is taken, at a tenth to three
   * times what it costs: after each step where they have `onStep` or `onBatch`.
   */
  readonly observesOnly?: boolean;
  onStart?(event: {
    readonly totalSteps: number;
    readonly stepsPerEpoch: number;
    readonly epochs: number;
  }): void | Promise<void>;
  /** Also before `onStart`, of what is tried. */
  onPhase?(event: PhaseEvent): void | Promise<void>;
  onBatch?(event: BatchEvent): void | Promise<void>;
  onStep?(event: StepEvent): void | Promise<void>;
  onLog?(event: LogEvent): void | Promise<void>;
  onEvaluation?(event: EvaluationEvent): void | Promise<void>;
  /** After every step at which the `probe` of the run measured something. */
  onProbe?(event: ProbeEvent): void | Promise<void>;
  onEpoch?(event: EpochRecord): void | Promise<void>;
  /**
   * Before a checkpoint is saved: what this callback has written until now is before it, and has to outlast what it
   * has.
   */
  onCheckpoint?(event: { readonly epoch: number; readonly step: number }): void | Promise<void>;
  /** Always called once the run has started, also when it fails or is stopped. */
  onEnd?(event: EndEvent): void | Promise<void>;
}

/** What callbacks are called for. */
export type EventName = Exclude<keyof Callbacks, 'observesOnly'>;
export type EventOf<K extends EventName> = Parameters<NonNullable<Callbacks[K]>>;

/**
 * Calls one event of every callback in order, waiting only for those that return a promise.
 *
 * @returns true where one was called that may have changed what steps compute with.
 */
export async function announce<K extends EventName>(
  callbacks: readonly Callbacks[],
  name: K,
  ...event: EventOf<K>
): Promise<boolean> {
  let mayHaveChanged = false;
  for (const callback of callbacks) {
    const call = callback[name] as ((...event: EventOf<K>) => void | Promise<void>) | undefined;
    if (call === undefined) continue;
    await call.apply(callback, event);
    mayHaveChanged ||= callback.observesOnly !== true;
  }
  return mayHaveChanged;
}
