import type { RunConfig } from '../config/runConfig.js';

/**
 * What a config of `flatmin compare` stands for: every run, and how the runs are put together. Plain data.
 *
 * A *task* is what methods are compared on: data set, model, and settings that all methods share. A *row* is a method
 * with one combination of its own swept options. A *cell* is a row on a task with one seed: a run.
 */
export interface Grid {
  /** In the order of the config. */
  readonly tasks: readonly Task[];
  readonly cells: readonly Cell[];
  readonly axes: readonly Axis[];
  /** Name of the method that others are compared to. */
  readonly reference: string;
  readonly seeds: readonly number[];
  /**
   * How an option is chosen on held-out data; each method with several rows then has one more row, with the chosen
   * runs.
   */
  readonly select?: Selection;
}

/** A swept path of the config. */
export interface Axis {
  /** As in the config: `optimizer.rho`, `methods.SAM.inner.rho`, `dataset.labelNoise.rate`. */
  readonly path: string;
  /** The end of the path that no other axis has: `rho`. */
  readonly label: string;
  readonly values: readonly AxisValue[];
  /** Scale of the values: `nominal` if one of them is not a number. */
  readonly scale: 'linear' | 'log' | 'nominal';
  /** What it distinguishes: rows of a method, or tasks. */
  readonly of: 'rows' | 'tasks';
}

export interface AxisValue {
  /** As names show it: `0.05`, `[100, 100]`, `clean`. */
  readonly label: string;
  readonly value: unknown;
}

/** One value of an axis. */
export interface Coordinate {
  readonly path: string;
  readonly label: string;
  readonly value: AxisValue;
  /** True if names leave it out, because another axis that is zipped with it says the same. */
  readonly isSilent?: boolean;
}

export interface Task {
  /** What distinguishes it from the other tasks; empty if there is only one. */
  readonly name: string;
  readonly at: readonly Coordinate[];
  readonly rows: readonly Row[];
}

export interface Row {
  /** The method, and what distinguishes the row from its others: `SAM, rho 0.05`. */
  readonly name: string;
  readonly method: string;
  readonly at: readonly Coordinate[];
}

export interface Cell {
  readonly task: string;
  readonly row: string;
  readonly method: string;
  readonly seed: number;
  /** The complete config of the run: with one seed, and the epochs of the budget. */
  readonly config: RunConfig;
}

/** `select` of a config. */
export interface Selection {
  /** The metric that decides: `validation.accuracy`, `validation.loss`, `train.loss`. Never one of the test part. */
  readonly metric: string;
  /** Default: min for a loss, an error and perplexity, otherwise max. */
  readonly mode?: 'min' | 'max' | undefined;
  /** `seed`: each seed has its own choice. `seeds`: one choice, by the mean over them. */
  readonly per: 'seed' | 'seeds';
}
