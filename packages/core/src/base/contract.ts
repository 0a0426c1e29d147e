import type * as tf from '@tensorflow/tfjs-core';
import type { ParameterInfo } from '../variant/parameters.js';
import type { ScheduleTime } from '../variant/schedule.js';
import type { WeightVector } from '../tensors/weightVector.js';

/** What a base remembers about one variable under one name, such as its momentum. */
export interface SlotValues {
  readonly slots: Readonly<Record<string, WeightVector>>;
  /** Its other state: step counts, powers of beta. */
  readonly scalars: Readonly<Record<string, tf.Tensor>>;
}

/** A step that has moved the weights. */
export interface EndedStep {
  readonly variables: readonly tf.Variable[];
  /** What they held before it. */
  readonly before: WeightVector;
  /** Which of them it trained. */
  readonly active: readonly boolean[];
  /** Updates done before it. */
  readonly index: number;
  /** A number that follows from when the step is taken, as a tensor: a replayed step asks for it again. */
  readonly scalarAt: (value: (time: ScheduleTime) => number) => tf.Scalar;
}

/**
 * The optimizer under a sharpness-aware step: SGD, momentum, Adam, ... It gets the final gradient of all variables in a
 * fixed order and moves them.
 */
export interface BaseOptimizer {
  readonly id: string;
  /**
   * True if, after the first call, `apply` always runs the same operations, which depend only on tensors and the
   * learning rate, and everything that it remembers is in `owned()`: such a base can be replayed as a graph.
   */
  readonly isReplayable?: boolean;
  /**
   * Whether a step that trains these of its variables creates memory, as the first step of a new kind may; such a step
   * runs eagerly. Absent: only the first step over a variable creates memory.
   */
  needsEagerStep?(active: readonly boolean[]): boolean;
  learningRate: number;
  /** True if it has a weight decay, which `apply` multiplies by the `decay` of each parameter that has one. */
  readonly decaysByGroup?: boolean;
  /** Tensors that `apply` uses and that never change, such as the momentum as a scalar, if it holds any. */
  constants?(): Iterable<tf.Tensor>;
  /** The variables it made for itself, which no loss depends on. */
  owned(): Iterable<tf.Variable>;
  /**
   * Moves `variables[i]` by `gradients[i]`; an absent gradient leaves that variable and its slots unchanged.
   * `variables` only ever grows at its end.
   */
  apply(
    variables: readonly tf.Variable[],
    gradients: readonly (tf.Tensor | undefined)[],
    parameters: readonly ParameterInfo[],
  ): void;
  /**
   * True if what it remembers is only right while its own steps alone move the weights, as for an average over them: a
   * variant that adds to its step (decoupled WSAM) is then refused.
   */
  readonly movesAlone?: boolean;
  /**
   * Called once the step is complete: after `apply`, if there was a gradient, and after what the variant adds to it.
   * What it derives from the weights, such as an average, it keeps in its own variables.
   */
  afterStep?(step: EndedStep): void;
  /**
   * The weights to evaluate, predict, save and export with, if they differ from the training weights, as for a
   * schedule-free base or an average. Called between steps.
   *
   * @param weights the training weights, in the order of `variables`; they stay the caller's.
   * @param index updates done.
   * @returns one new tensor for each of them, or undefined if they are the same, as before the first step.
   */
  evaluationWeights?(weights: WeightVector, index: number): WeightVector | undefined;
  /** A hyper-parameter by name, such as `momentum`. */
  option(name: string): number | undefined;
  /** What is remembered per variable under that name; undefined before the first step, or if there is none. */
  slot(name: string): WeightVector | undefined;
  /**
   * P of its last step, a factor for each weight: apart from momentum and the factors of groups, the base moved the
   * weights by -learningRate P gradient (Adam: P = 1 / (sqrt(v / (1 - beta2^t)) + epsilon)). Returns new tensors.
   * Absent, or undefined before the first step: P is 1, as in SGD, or not known.
   */
  preconditioner?(): WeightVector | undefined;
  /** Everything remembered; the tensors stay the base's own. */
  save(): Promise<SlotValues>;
  /**
   * Takes over copies of what `save` gave; slots are in the order of `variables`. Without slots and scalars it forgets
   * everything, as after a first step that failed. Asynchronous only in a base whose `save`
   * gives no slots: those are bound in the middle of a step.
   */
  restore(values: SlotValues, variables: readonly tf.Variable[]): void | Promise<void>;
  dispose(): void;
}
