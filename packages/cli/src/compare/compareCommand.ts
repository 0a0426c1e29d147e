import { loadBackend } from '@flatmin/backend';
import { type Clock, tokens } from '@flatmin/core';
import type { Distribution } from '@flatmin/experiments';
import {
  cellsToRun,
  comparisonDirectory,
  nameOfCell,
  namedHere,
  type PlannedComparison,
  planComparison,
  readComparison,
} from '@flatmin/experiments/internal';
import { counted, print, warn } from '@flatmin/experiments/terminal';
import { type RunComparisonOptions, runComparison, sizeOf } from './runComparison.js';
import { compareText } from './text.js';

export interface CompareCommandOptions extends RunComparisonOptions {
  readonly out?: string;
  readonly set?: readonly string[];
  readonly threads?: number;
  readonly check?: true;
  readonly dryRun?: true;
  readonly plugin?: readonly string[];
}

/** Runs what a config compares, as far as it is not there, and writes the report. */
export async function compareCommand(
  file: string,
  options: CompareCommandOptions,
  distribution: Distribution,
): Promise<void> {
  const { plugin, set, out, threads = 1, check, dryRun, shard } = options;
  const opened = await readComparison(file, distribution, { admit: (named) => [...named, ...namedHere(plugin)], set });
  const now = opened.container.get<Clock>(tokens.Clock).now();
  const backend = await loadBackend(opened.config.backend);
  const looks = check === true || dryRun === true;
  const directory = looks ? (out ?? '.') : await comparisonDirectory(out, now);
  const planned = await planComparison(opened, { backend, threads, directory, say: warn });
  if (opened.refused.length > 0 && looks) process.exitCode = 1;
  if (check === true) return print(`${file} is valid: ${sizeOf(planned)}.`);
  if (dryRun === true) return printPlan(planned, options);
  await runComparison(planned, directory, compareText(planned, now), options);
  if (shard !== undefined) warn(`This was shard ${shard.index} of ${shard.count}.`);
}

/** What would be run, a line a run. */
function printPlan(planned: PlannedComparison, options: CompareCommandOptions): void {
  const toRun = new Set(cellsToRun(planned, options));
  planned.cells.forEach((placed, i) => {
    const { cell, id, gradientEvaluations } = placed;
    const what = toRun.has(placed)
      ? `${counted(cell.config.epochs, 'epoch')}, about ${gradientEvaluations.toLocaleString('en-US')} gradient evaluations`
      : `not run (${planned.before[i]?.status})`;
    print(`${id}  ${nameOfCell(placed)}: ${what}`);
  });
  print(`${sizeOf(planned)}; ${toRun.size} to run.`);
}
