import type * as tf from '@tensorflow/tfjs-core';
import type { ParameterInfo } from '../variant/parameters.js';
import type { ScheduleTime } from '../variant/schedule.js';
import type { WeightVector } from '../tensors/weightVector.js';

/** What a base remembers about one variable under one name, such as its momentum. */
export interface SlotValues {
  readonly slots: Readonly<Record<string, WeightVector>>;
  /** What it remembers besides: step counts, powers of beta. */
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
   * True where `apply` runs the same operations each time after the first, by tensors, the learning rate and nothing
   * else of JavaScript's, and all that it remembers is in `owned()`: such a base can be replayed as a graph.
   */
  readonly isReplayable?: boolean;
  /**
   * Whether a step that trains these of the variables it knows creates memory, as one of a kind that was never taken
   * may: that step runs eagerly. Absent: only the first step over a variable does.
   */
  needsEagerStep?(active: readonly boolean[]): boolean;
  learningRate: number;
  /** True where it has a weight decay, which `apply` multiplies by the `decay` of each parameter that has one. */
  readonly decaysByGroup?: boolean;
  /** Tensors that `apply` uses and that never change, such as the momentum as a scalar, if it holds any. */
  constants?(): Iterable<tf.Tensor>;
  /** The variables it made for itself, which no loss depends on. */
  owned(): Iterable<tf.Variable>;
  /**
   * Moves `variables[i]` by `gradients[i]`; an absent gradient leaves that variable and its slots alone. `variables`
   * only ever grows at its end.
   */
  apply(
    variables: readonly tf.Variable[],
    gradients: readonly (tf.Tensor | undefined)[],
    parameters: readonly ParameterInfo[],
  ): void;
  /**
   * True where what it remembers is only right if its own steps alone move the weights, as an average over them is: a
   * variant that adds to its step (decoupled WSAM) is refused.
   */
  readonly movesAlone?: boolean;
  /**
   * Called once the step is whole: after `apply`, where there was a gradient, and after what the variant adds to it.
   * What it makes of the weights, as an average, it keeps in variables of its own.
   */
  afterStep?(step: EndedStep): void;
  /**
   * The weights to evaluate, predict, save and export with, where they are not those that train: of a schedule-free
   * base, of an average. Asked for between steps.
   *
   * @param weights those that train, in the order of `variables`; they stay the caller's.
   * @param index updates done.
   * @returns one new tensor for each of them, or undefined where they are the same, as before the first step.
   */
  evaluationWeights?(weights: WeightVector, index: number): WeightVector | undefined;
  /** A hyper-parameter by name, such as `momentum`. */
  option(name: string): number | undefined;
  /** What is remembered per variable under that name, or undefined before the first step or where there is none. */
  slot(name: string): WeightVector | undefined;
  /**
   * P of its last step, a factor for each weight: but for momentum and the factors of groups, the base moved the
   * weights by -learningRate P gradient (Adam: P = 1 / (sqrt(v / (1 - beta2^t)) + epsilon)). New tensors. Absent, or
   * undefined before the first step: P is 1, as of SGD, or the base cannot say.
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
