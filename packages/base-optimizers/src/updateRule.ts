import type * as tf from '@tensorflow/tfjs-core';
import type { ScalarRule } from './sharedScalars.js';

/**
 * What a step makes of one variable: its new value, and those of its slots, in their order. `lambda` is there where the
 * variable decays and the rule does that itself.
 */
export type VariableUpdate = (
  theta: tf.Tensor,
  gradient: tf.Tensor,
  slots: readonly tf.Tensor[],
  lambda?: tf.Scalar,
) => Updated;

export interface Updated {
  readonly theta: tf.Tensor;
  readonly slots: readonly tf.Tensor[];
}

/** Scalars by the steps of a variable, in the order of their names; none where the rule has none. */
export type Scalars = readonly tf.Scalar[];

/** P of a weight from its slots. */
export type PreconditionerOf = (slots: readonly tf.Tensor[]) => tf.Tensor;

/** An optimizer as its formula has it: tensors in, tensors out; weight decay apart, but where it is part of it. */
export interface UpdateRule {
  readonly id: string;
  /** Hyper-parameters by name. */
  readonly options: Readonly<Record<string, number>>;
  /** What is remembered of each variable. */
  readonly slots: readonly string[];
  /** What it needs to know of the steps that a variable has taken. */
  readonly scalars?: ScalarRule;
  /** True where decay is part of the formula: weights and gradient come as they are, with lambda. */
  readonly decaysItself?: boolean;
  /** What all variables of a step share whose scalars, with this step, are these; computed once. */
  begin(learningRate: tf.Scalar, scalars: Scalars): VariableUpdate;
  /**
   * P of a weight from its slots, as `BaseOptimizer` has it; what all variables share whose scalars are these is
   * computed once. Absent: 1, or not known.
   */
  preconditioner?(scalars: Scalars): PreconditionerOf;
  /** The weights to evaluate with, where they are not those that train: its steps alone then move these. */
  evaluation?(theta: tf.Tensor, slots: readonly tf.Tensor[]): tf.Tensor;
}
