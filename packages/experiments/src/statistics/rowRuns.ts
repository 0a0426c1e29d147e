import type { Coordinate } from '../grid/grid.js';
import type { RunRecord } from '../run/runRecord.js';
import type { ResultName } from './judged.js';
import type { CellStatus } from './results.js';

/** A run that is done and judged. */
export interface CountedRun {
  readonly seed: number;
  readonly record: RunRecord;
}

/** A seed that does not count in the statistics of its row. */
export interface LeftOut {
  readonly seed: number;
  readonly status: CellStatus;
  /** Continues a sentence that begins with "it": `diverged: the loss of step 12 is NaN`. */
  readonly reason: string;
}

/** What was chosen for a seed of a chosen row. */
export interface Choice {
  readonly seed: number;
  /** The row that the seed's run belongs to. */
  readonly row: string;
  /** The values of its swept options. */
  readonly at: readonly Coordinate[];
}

/** A row of the table with the runs that its figures are of. */
export interface RowRuns {
  readonly name: string;
  readonly method: string;
  readonly at: readonly Coordinate[];
  readonly runs: readonly CountedRun[];
  readonly leftOut: readonly LeftOut[];
  /** Of a row whose options were chosen on held-out data. */
  readonly chosen?: ChosenFrom;
}

export interface ChosenFrom {
  /** The options that were chosen: `rho`. */
  readonly labels: readonly string[];
  readonly choices: readonly Choice[];
  /** The number of rows to choose from; other rows of the method did not have all their seeds done. */
  readonly candidates: number;
  readonly rows: number;
  /** The cost of the search: gradient evaluations of all runs of the method with one seed, mean over the seeds. */
  readonly searchEvaluations: number;
}

export interface TaskRuns {
  readonly name: string;
  readonly at: readonly Coordinate[];
  readonly result: ResultName;
  readonly rows: readonly RowRuns[];
}
