import { FlatminError } from '@flatmin/core';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { outcomeIn } from '../cells/cellFolder.js';
import { canonical } from '../cells/identity.js';
import {
  type ComparisonFile,
  comparisonFile,
  type PlacedEntry,
  readComparisonFile,
} from '../compare/comparisonFile.js';
import type { RunConfig } from '../config/runConfig.js';
import type { Cell, Grid } from '../grid/grid.js';
import type { CellOutcome, CellStatus, GridResults } from '../statistics/results.js';
import { findRuns } from './findRuns.js';
import { foundConfig } from './foundConfig.js';
import { foundResults } from './foundResults.js';

/**
 * The contents of some folders, as the results of one grid. Comparisons of the same grid, such as its shards, become
 * that grid, with each run taken from the folder in which it has got furthest. Everything else is read as runs, which
 * `foundResults` puts together.
 *
 * @param reference the method that the others are compared with; default: that of the comparison, or of the first run.
 * @throws FlatminError RUN_INVALID if there is nothing to compare, or no method has the name of the reference.
 */
export async function resultsIn(folders: readonly string[], reference?: string): Promise<GridResults> {
  const areComparisons = folders.length > 0 && folders.every((folder) => existsSync(comparisonFile(folder)));
  if (areComparisons) {
    const files = await Promise.all(
      folders.map(async (folder) => ({ folder, file: await readComparisonFile(folder) })),
    );
    if (new Set(files.map(({ file }) => shapeOf(file))).size === 1) return merged(files, reference);
  }
  return foundResults(findRuns(folders), reference);
}

interface Placed {
  readonly folder: string;
  readonly file: ComparisonFile;
}

/** What comparisons that are merged have in common; of which seeds they are may differ. */
function shapeOf({ version, backend, grid: { seeds: _, ...grid } }: ComparisonFile): string {
  return canonical({ version, backend, grid });
}

async function merged(files: readonly Placed[], reference: string | undefined): Promise<GridResults> {
  const { file } = files[0] as Placed;
  const entries = new Map(files.flatMap(({ file: { cells } }) => cells.map((cell) => [keyOf(cell), cell] as const)));
  const grid: Omit<Grid, 'cells'> = {
    ...file.grid,
    seeds: [...new Set(files.flatMap((each) => each.file.grid.seeds))].sort((a, b) => a - b),
    reference: reference ?? file.grid.reference,
  };
  const methods = new Set(grid.tasks.flatMap(({ rows }) => rows.map(({ method }) => method)));
  if (!methods.has(grid.reference)) {
    throw new FlatminError(
      'RUN_INVALID',
      `no run is of the method ${grid.reference}. Methods: ${[...methods].join(', ')}.`,
    );
  }
  const cells: Cell[] = [];
  const outcomes: CellOutcome[] = [];
  for (const entry of entries.values()) {
    const { config, outcome } = await furthest(entry, files);
    const { task, row, method, seed } = entry;
    cells.push({ task, row, method, seed, config });
    outcomes.push(outcome);
  }
  return { grid: { ...grid, cells }, outcomes };
}

const keyOf = ({ task, row, seed }: Pick<Cell, 'task' | 'row' | 'seed'>): string => JSON.stringify([task, row, seed]);

/** Of one cell, the run that says most. */
const order: readonly CellStatus[] = ['done', 'diverged', 'running', 'interrupted', 'failed', 'missing'];

async function furthest(
  entry: PlacedEntry,
  files: readonly Placed[],
): Promise<{ readonly config: RunConfig; readonly outcome: CellOutcome }> {
  const found: { readonly config: RunConfig; readonly outcome: CellOutcome }[] = [];
  for (const { folder, file } of files) {
    const own = file.cells.find((cell) => cell.id === entry.id && keyOf(cell) === keyOf(entry));
    if (own === undefined) continue;
    const place = path.join(folder, own.folder);
    const config = configIn(place) ?? ({ ...file.config, seed: entry.seed } as unknown as RunConfig);
    found.push({ config, outcome: await outcomeIn(place, config, file.backend) });
  }
  found.sort((a, b) => order.indexOf(a.outcome.status) - order.indexOf(b.outcome.status));
  return found[0] as { readonly config: RunConfig; readonly outcome: CellOutcome };
}

function configIn(folder: string): RunConfig | undefined {
  if (!existsSync(path.join(folder, 'config.json'))) return undefined;
  return foundConfig(folder).value as unknown as RunConfig;
}
