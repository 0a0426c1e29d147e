import type { Grid } from '../grid/grid.js';
import type { RunRecord } from '../run/runRecord.js';

/** What came of a grid so far: what statistics and reports are made of. */
export interface GridResults {
  readonly grid: Grid;
  /** One a cell of the grid, in its order. */
  readonly outcomes: readonly CellOutcome[];
}

/**
 * How a cell stands. `diverged`: a number of its run was no longer finite. `failed`: the run threw, or its process
 * ended. `interrupted`: it has begun and can go on. `missing`: it has not begun. `running`: some process has it now.
 */
export type CellStatus = 'done' | 'diverged' | 'failed' | 'interrupted' | 'missing' | 'running';

export interface CellOutcome {
  readonly status: CellStatus;
  /** Of a cell that is done or diverged. Its `method` and `seed` are those of the cell's row. */
  readonly record?: RunRecord;
  /** Why it diverged or failed. */
  readonly reason?: string;
  /** Its run folder, where it has one. */
  readonly folder?: string;
}
