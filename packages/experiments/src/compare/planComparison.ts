import type { LoadedBackend } from '@flatmin/backend';
import path from 'node:path';
import { folderName, foldersById, outcomeIn } from '../cells/cellFolder.js';
import { cellId } from '../cells/identity.js';
import type { CellOutcome } from '../statistics/results.js';
import { priced } from './budget.js';
import { checkGrid } from './checkGrid.js';
import { cellsFolder, type ComparisonFile } from './comparisonFile.js';
import type { OpenedComparison } from './openComparison.js';
import type { PlacedCell } from './runCells.js';

/** A comparison that could begin: every run of it checked, priced, and with its place. */
export interface PlannedComparison extends OpenedComparison {
  readonly backend: LoadedBackend;
  readonly threads: number;
  /** In the order of the grid, whose `cells` have the same configs. */
  readonly cells: readonly PlacedCell[];
  /** How each stands before anything is run. */
  readonly before: readonly CellOutcome[];
}

export interface PlanOptions {
  readonly backend: LoadedBackend;
  readonly threads: number;
  /** The folder of the comparison, which need not be there. */
  readonly directory: string;
  /** Is told what takes its time. */
  readonly say: (line: string) => void;
}

/**
 * Checks and prices all runs of a comparison, and looks at which of them are there.
 *
 * @throws FlatminError with every problem, before anything is run.
 */
export async function planComparison(opened: OpenedComparison, options: PlanOptions): Promise<PlannedComparison> {
  const { grid, config, container, file, distribution } = opened;
  const { backend, threads, directory, say } = options;
  const checked = await checkGrid(grid, container, { file, say });
  const cells = await priced(checked, config.budget?.gradientEvaluations, container, file);
  const there = foldersById(cellsFolder(directory));
  const context = { version: distribution.version, backend: backend.name, threads };
  const placed: PlacedCell[] = [];
  const before: CellOutcome[] = [];
  for (const each of cells) {
    const id = await cellId(each.cell, each.data, context, container);
    const folder = there.get(id) ?? path.join(cellsFolder(directory), folderName(each.cell, id));
    placed.push({ ...each, id, folder });
    before.push(await outcomeIn(folder, each.cell.config, backend.name));
  }
  const planned = { ...grid, cells: placed.map(({ cell }) => cell) };
  return { ...opened, grid: planned, backend, threads, cells: placed, before };
}

/** What comparison.json says of it. */
export function fileOf(planned: PlannedComparison, directory: string): ComparisonFile {
  const { grid, config, backend, threads, distribution, cells } = planned;
  const { tasks, axes, reference, seeds, select } = grid;
  return {
    command: 'compare',
    version: distribution.version,
    backend: backend.name,
    threads,
    config,
    grid: { tasks, axes, reference, seeds, ...(select && { select }) },
    cells: cells.map(({ cell: { task, row, method, seed }, id, folder }) => ({
      ...{ task, row, method, seed },
      id,
      folder: path.relative(directory, folder).replaceAll('\\', '/'),
    })),
  };
}
