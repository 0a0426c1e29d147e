import type { BestState, Metrics } from '@flatmin/training';
import type { CellStatus } from '../statistics/results.js';

/** How a run stands. */
export type RunStatus = CellStatus;

/** What is known of a run at a glance: a seed of a folder. Plain data. */
export interface RunRow {
  /** As it was found, from the working directory. */
  readonly folder: string;
  /** Id and components of the optimizer, `lets(sam(momentum))`, or the name that quickstart gave it. */
  readonly method: string;
  readonly dataset: string;
  readonly model: string;
  readonly seed: number;
  readonly status: RunStatus;
  /** Why it diverged or failed. */
  readonly reason?: string;
  /** Epochs done. */
  readonly epochs: number;
  readonly steps: number;
  readonly gradientEvaluations: number;
  readonly seconds: number;
  /**
   * Of the weights at its end, or so far: the best ones where early stopping took those back; none where it diverged.
   */
  readonly train?: Metrics;
  readonly validation?: Metrics;
  readonly test?: Metrics;
  /** Where it ended with its best weights: what early stopping watched, and when it was best. */
  readonly best?: BestState;
  /** rho after its last epoch. */
  readonly rho?: number;
  readonly batchSize: number;
  /** The peak of the schedule, or that of the base optimizer. */
  readonly learningRate?: number;
  /** ISO 8601, of the folder. */
  readonly created: string;
}
