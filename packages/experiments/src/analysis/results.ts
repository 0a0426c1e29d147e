import type { Barrier, BlockCurvature, SpectralDensity } from '@flatmin/analysis';
import type { PartName } from '@flatmin/training';
import type { WhichWeights } from '../run/openRun.js';

/** What was found of runs: plain data, every number under a plain name, with its error beside it. */
export interface Analysis {
  readonly runs: readonly RunAnalysis[];
  /** Through two runs. */
  readonly line?: LineAnalysis;
  /** Through three. */
  readonly plane?: PlaneAnalysis;
  /** Of the line, by part. NaN where a loss between the two runs is not finite. */
  readonly barrier?: Readonly<Partial<Record<PartName, Barrier>>>;
}

/** What was found of one run. */
export interface RunAnalysis {
  /** Its folder. */
  readonly run: string;
  /** What tables and charts call it. */
  readonly name: string;
  readonly dataset: string;
  readonly model: string;
  readonly seed: number;
  readonly weights: WhichWeights;
  /** Steps that led to the weights. */
  readonly step: number;
  readonly backend: string;
  /** Why passes ran operation by operation; absent where they ran as graphs. */
  readonly eagerBecause?: string;
  readonly part: PartName;
  /** Examples that everything is measured on, of those that the part has. */
  readonly examples: number;
  readonly partExamples: number;
  readonly batchSize: number;
  /** Draws examples, probes and directions. */
  readonly drawnBy: number;
  readonly normalizedLogits: boolean;
  /** Trainable weights. */
  readonly parameters: number;
  /** rho as the run ended with it. */
  readonly radius?: number;
  readonly loss: number;
  /** By name: `accuracy`. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly gradientNorm: number;
  readonly hessian?: CurvatureAnalysis;
  readonly gaussNewton?: CurvatureAnalysis;
  readonly density?: SpectralDensity;
  readonly blocks?: readonly BlockCurvature[];
  readonly sharpness?: SharpnessAnalysis;
  readonly landscape?: PlaneAnalysis;
  readonly trajectory?: TrajectoryAnalysis;
}

/** Eigenvalues and trace of a matrix. */
export interface CurvatureAnalysis {
  readonly eigenvalues: readonly number[];
  /** The matrix has an eigenvalue within that distance of the one given here. */
  readonly eigenvalueErrors: readonly number[];
  /** Whether the process came below its tolerance. */
  readonly converged: readonly boolean[];
  readonly trace: number;
  /** Standard error over the probes; absent where there were too few to tell. */
  readonly traceError?: number;
  /** Length of the displacement by which gradients were differentiated, and the relative error of a product by it. */
  readonly differenceStep: number;
  readonly differenceError: number;
}

/** How much the loss rises; the names are those of @flatmin/analysis. */
export interface SharpnessAnalysis {
  readonly rho: number;
  /** Where rho comes from: an option, the run itself, or neither. */
  readonly rhoFrom: 'option' | 'run' | 'default';
  /** rho / sqrt(P): a step to a corner of that l-infinity ball, and noise of that deviation, are of length rho. */
  readonly rhoPerWeight: number;
  readonly oneStep: number;
  readonly worstCase: number;
  readonly worstCaseLinf: number;
  readonly average: number;
  readonly averageError: number;
  /** Examples of a batch of m-sharpness. */
  readonly m: number;
  readonly mSharpness: number;
  /** Standard error over the batches; absent where there is one. */
  readonly mSharpnessError?: number;
  readonly oneStepAdaptive: number;
  readonly worstCaseAdaptive: number;
  readonly worstCaseLinfAdaptive?: number;
  readonly averageAdaptive?: number;
  readonly averageAdaptiveError?: number;
  readonly mSharpnessAdaptive?: number;
  readonly mSharpnessAdaptiveError?: number;
}

/** A value on each point of a grid: row by row, from the least y. */
export type Grid = readonly (readonly number[])[];

/** What was measured over points, by part. */
export interface Measured<T> {
  readonly losses: Readonly<Partial<Record<PartName, T>>>;
  /** Name of what else is shown, and its values; absent where the task has none. */
  readonly metric?: string;
  readonly metrics?: Readonly<Partial<Record<PartName, T>>>;
  /** Examples of each part. */
  readonly examples: Readonly<Partial<Record<PartName, number>>>;
}

/** A plane in weight space. */
export interface PlaneAnalysis extends Measured<Grid> {
  readonly directions: 'filter-normalized' | 'through three runs' | 'principal';
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** Runs in it. */
  readonly places: readonly { readonly run: string; readonly x: number; readonly y: number }[];
  readonly balls: readonly BallAnalysis[];
}

/** The ball around a run: the points (x, y) with (x - center)^T gram (x - center) <= rho^2. */
export interface BallAnalysis {
  readonly run: string;
  readonly rho: number;
  readonly adaptive: boolean;
  readonly center: readonly [x: number, y: number];
  readonly gram: Gram;
}

/** Products of the two directions of a plane: [<d1, d1>, <d1, d2>, <d2, d2>]. */
export type Gram = readonly [number, number, number];

export interface LineAnalysis extends Measured<readonly number[]> {
  /** 0 is the first run, 1 the second. */
  readonly alpha: readonly number[];
  /** Between the two, in weight space. */
  readonly distance: number;
}

/** The path of a run over its checkpoints, seen in the plane in which it varied most. */
export interface TrajectoryAnalysis extends PlaneAnalysis {
  /** Shares of the variance of the path along the two directions. */
  readonly explained: readonly [first: number, second: number];
  /** Where each checkpoint is, how far outside of the plane, and what the loss is at itself. */
  readonly path: readonly {
    readonly step: number;
    readonly x: number;
    readonly y: number;
    readonly distance: number;
    readonly loss: number;
  }[];
}
