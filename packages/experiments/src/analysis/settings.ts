import type { Grouping } from '@flatmin/analysis';
import type { PartName } from '@flatmin/training';
import type { WhichWeights } from '../run/openRun.js';

/** What is measured of runs, and how. */
export interface AnalysisSettings {
  /** Eigenvalues and trace of the Hessian. */
  readonly hessian: boolean;
  readonly sharpness: boolean;
  /** A plane around one run, the line through two, the plane through three. */
  readonly landscape: boolean;
  /** The path of one run over its checkpoints. */
  readonly trajectory: boolean;
  /** Which seed of the runs; where they have one, that one. */
  readonly seed?: number | undefined;
  readonly weights?: WhichWeights | undefined;
  /** What all is measured on; landscapes have the test part beside it, or where it is that, the train part. */
  readonly part: PartName;
  /** Examples of a part, drawn without repetition; all where there are no more. */
  readonly examples: number;
  /** Examples of a pass, and the m of m-sharpness. */
  readonly batchSize: number;
  /** Eigenvalues. */
  readonly k: number;
  /** Products of the trace. */
  readonly products: number;
  /** The spectral density, too. */
  readonly density: boolean;
  /** The curvature of each layer, or of each role. */
  readonly blocks?: Grouping | undefined;
  /** The Gauss-Newton matrix beside the Hessian. */
  readonly gaussNewton: boolean;
  /** Radius of the ball; default: that which the runs ended with, where they have one and the same, else 0.05. */
  readonly rho?: number | undefined;
  /** All measures of sharpness in their adaptive form, too, and the ball of a landscape in that alone. */
  readonly adaptive: boolean;
  readonly normalizeLogits: boolean;
  /** Points on a side of a plane, and on a line. */
  readonly points: number;
  /** What a landscape shows beside the loss; default: accuracy, where there is one. */
  readonly metric?: string | undefined;
}

export const defaultSettings: AnalysisSettings = {
  hessian: true,
  sharpness: true,
  landscape: false,
  trajectory: false,
  part: 'train',
  examples: 1024,
  batchSize: 256,
  k: 10,
  products: 100,
  density: false,
  gaussNewton: false,
  adaptive: false,
  normalizeLogits: false,
  points: 21,
};

/** Draws the examples, the probes and the directions: the same for all runs, so that they can be compared. */
export const drawnBy = 0;
