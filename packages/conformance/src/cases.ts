import type { LossFunction, Spec } from '@flatmin/core';
import type * as tf from '@tensorflow/tfjs-core';
import type { Reference } from './reference/reference.js';
import type { ReferenceName } from './reference/referenceNames.js';

/** Options of the plugin, as they are written in a spec next to `use`. */
export type Options = Readonly<Record<string, unknown>>;

/** Numbers of a variable in its shape: 1, [1, 2] or [[1, 2], [3, 4]]. */
export type Values = number | readonly number[] | readonly (readonly number[])[];

/** C1: a problem small enough to work out by hand. */
export interface HandWorkedCase {
  readonly name: string;
  readonly options?: Options;
  /** Default: the first of `bases`. */
  readonly base?: Spec;
  /** Start of each variable, by name; names decide roles (`kernel`, `bias`, ...). */
  readonly weights: Readonly<Record<string, Values>>;
  /** The loss as a function of these variables, with batch access if the variant needs it. */
  readonly loss: (variables: Readonly<Record<string, tf.Variable>>) => LossFunction;
  /** The held-out loss of LETS; default: the loss itself. */
  readonly validationLoss?: (variables: Readonly<Record<string, tf.Variable>>) => LossFunction;
  /** What each step leaves, worked by hand: the weights, and metrics of `lastStep` where given. */
  readonly steps: readonly {
    readonly weights: Readonly<Record<string, Values>>;
    readonly metrics?: Readonly<Record<string, number | string | null>>;
  }[];
  /** Absolute, per number; default 1e-6. */
  readonly tolerance?: number;
}

/** C2: options that make the variant a simpler one. */
export interface DegenerateCase {
  readonly name: string;
  readonly options: Options;
  /** What it then has to equal: the base alone, or a spec without `base`, whose plugin is in `plugins`. */
  readonly parent: 'base' | Spec;
  /** Relative norm over all weights; default 0, bit for bit. */
  readonly tolerance?: number;
}

/** C6: the documented cost of the first steps. */
export interface EvaluationCase {
  readonly name?: string;
  readonly options?: Options;
  /** Gradient evaluations of step 0, 1, 2, ... */
  readonly perStep: readonly number[];
}

/** C10: options that have to be refused by name. */
export interface InvalidCase {
  readonly name: string;
  readonly options: Options;
  /** Default: SPEC_INVALID. */
  readonly code?: string;
}

/** What only the author of a variant knows. */
export interface VariantCases {
  /** Options under which every check runs; default: the plugin's own defaults. */
  readonly options?: Options;
  /**
   * The bases that the variant takes, if it does not take every one (MSAM needs momentum); the first is used where one
   * is enough. Default: sgd, momentum and adam; C8 takes all that TF.js has.
   */
  readonly bases?: readonly Spec[];
  /**
   * For a variant without a pass at the weights, whose loss and statistics are those at the offset (bSAM): options
   * without an offset, for C12.
   */
  readonly withoutOffset?: Options;
  readonly handWorked: readonly HandWorkedCase[];
  readonly degenerate?: readonly DegenerateCase[];
  /** Relative tolerance of "rho 0 is the base", for a formula that rounds there; default 0, bit for bit. */
  readonly radiusZeroTolerance?: number;
  /** A number stands for every step of the default options. */
  readonly gradientEvaluations: number | readonly EvaluationCase[];
  readonly invalid?: readonly InvalidCase[];
  /** Reference trajectories, of this package by name or of your own. */
  readonly golden: readonly (ReferenceName | Reference)[];
  /** Steps after which the state has all its tensors; default 2. More for a gate whose state appears late. */
  readonly warmUpSteps?: number;
  /**
   * C8 saves after this many steps and trains the same number again; default 5, so that no period of 2, 3 or 4 hides an
   * error.
   */
  readonly resumeAfter?: number;
}
