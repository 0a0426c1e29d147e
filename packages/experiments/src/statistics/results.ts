import type { Grid } from '../grid/grid.js';
import type { RunRecord } from '../run/runRecord.js';

/** The results of a grid so far, from which statistics and reports are made. */
export interface GridResults {
  readonly grid: Grid;
  /** One for each cell of the grid, in its order. */
  readonly outcomes: readonly CellOutcome[];
}

/**
 * The state of a cell. `diverged`: a number of its run was no longer finite. `failed`: the run threw, or its process
 * ended. `interrupted`: it has begun and can be continued. `missing`: it has not begun. `running`: a process is running
 * it now.
 */
export type CellStatus = 'done' | 'diverged' | 'failed' | 'interrupted' | 'missing' | 'running';

export interface CellOutcome {
  readonly status: CellStatus;
  /** Of a cell that is done or diverged. Its `method` and `seed` are those of the cell's row. */
  readonly record?: RunRecord;
  /** Why it diverged or failed. */
  readonly reason?: string;
  /** Its run folder, if it has one. */
  readonly folder?: string;
}
