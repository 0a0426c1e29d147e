import os from 'node:os';
import { outcomeIn } from '../cells/cellFolder.js';
import type { CellOutcome, GridResults } from '../statistics/results.js';
import { writeComparison } from './comparisonFile.js';
import { fileOf, type PlannedComparison } from './planComparison.js';
import { type CellEvents, type CellRunner, type PlacedCell, runCells } from './runCells.js';

export interface CompareOptions {
  /** The folder of the comparison. */
  readonly directory: string;
  /** Processes at a time; default: one a core, shared among the threads of each. */
  readonly jobs?: number | undefined;
  /** Of the cells only every count-th, from the index-th on, counted from 1. */
  readonly shard?: Shard | undefined;
  /** Whether cells that failed are tried again. */
  readonly retryFailed?: boolean | undefined;
  readonly signal: AbortSignal;
  readonly events: CellEvents;
  /** Who runs the cells; default: processes of this machine. */
  readonly run?: CellRunner | undefined;
}

export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** The cells that a call is to run: those of its shard that have not ended. Diverged ones would diverge again. */
export function cellsToRun(
  { cells, before }: Pick<PlannedComparison, 'cells' | 'before'>,
  { shard, retryFailed = false }: Pick<CompareOptions, 'shard' | 'retryFailed'>,
): readonly PlacedCell[] {
  const isOwn = (i: number): boolean => shard === undefined || i % shard.count === shard.index - 1;
  const open: readonly CellOutcome['status'][] = [
    'missing',
    'interrupted',
    'running',
    ...(retryFailed ? (['failed'] as const) : []),
  ];
  const own = cells.filter((_, i) => isOwn(i) && open.includes((before[i] as CellOutcome).status));
  // Two rows that are the same run have one; all rows of a seed come before the next seed, so that what is there early
  // can be compared.
  const distinct = [...new Map(own.map((cell) => [cell.id, cell])).values()];
  const seeds = [...new Set(cells.map(({ cell: { seed } }) => seed))];
  return seeds.flatMap((seed) => distinct.filter(({ cell }) => cell.seed === seed));
}

/** How many processes there are at a time where nobody says it. */
export function defaultJobs(threads: number): number {
  return Math.max(1, Math.floor(os.availableParallelism() / threads));
}

/**
 * Runs what is missing of a comparison, and gives what came of all of it, whoever ran it.
 *
 * @throws what loading the backend in a process threw; what a run throws is an outcome.
 */
export async function compare(planned: PlannedComparison, options: CompareOptions): Promise<GridResults> {
  const { backend, threads, requests, distribution, cells, grid } = planned;
  const { directory, signal, events, jobs = defaultJobs(threads), run = runCells } = options;
  await writeComparison(directory, fileOf(planned, directory));
  const { plugins } = distribution;
  const running = { jobs, threads, plugins, requests, backend: backend.name, signal };
  await run(cellsToRun(planned, options), running, events);
  const outcomes: CellOutcome[] = [];
  for (const { cell, folder } of cells) {
    const outcome = await outcomeIn(folder, cell.config, backend.name);
    const { record } = outcome;
    outcomes.push(record === undefined ? outcome : { ...outcome, record: { ...record, method: cell.row } });
  }
  return { grid, outcomes };
}
