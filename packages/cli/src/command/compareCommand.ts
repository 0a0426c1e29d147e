import { type BackendName, loadBackend } from '@flatmin/backend';
import { type Clock, tokens } from '@flatmin/core';
import type { Distribution } from '@flatmin/experiments';
import {
  cellDisplay,
  cellsToRun,
  compare,
  comparisonDirectory,
  defaultJobs,
  namedHere,
  type PlannedComparison,
  planComparison,
  readComparison,
  reportComparison,
  type Shard,
} from '@flatmin/experiments/internal';
import { onInterruption, print, warn } from '@flatmin/experiments/terminal';

export interface CompareCommandOptions {
  readonly out?: string;
  readonly set?: readonly string[];
  readonly jobs?: number;
  readonly threads?: number;
  readonly shard?: Shard;
  readonly retryFailed?: true;
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
  const opened = await readComparison(file, distribution, {
    admit: (named) => [...named, ...namedHere(plugin)],
    set,
  });
  const now = opened.container.get<Clock>(tokens.Clock).now();
  const backend = await loadBackend(opened.config.backend as BackendName | 'auto');
  const isOnlyLooking = check === true || dryRun === true;
  const directory =
    isOnlyLooking && out === undefined ? '.' : isOnlyLooking ? (out as string) : await comparisonDirectory(out, now);
  const planned = await planComparison(opened, { backend, threads, directory, say: warn });
  if (opened.refused.length > 0 && isOnlyLooking) process.exitCode = 1;
  if (check === true) return print(`${file} is valid: ${sizeOf(planned)}.`);
  if (dryRun === true) return printPlan(planned, options);
  await run(planned, directory, options, now);
  if (shard !== undefined) warn(`This was share ${shard.index} of ${shard.count}.`);
}

async function run(
  planned: PlannedComparison,
  directory: string,
  options: CompareCommandOptions,
  now: number,
): Promise<void> {
  const { threads = 1, jobs = defaultJobs(threads) } = options;
  const cells = cellsToRun(planned, options);
  const count = planned.cells.length - cells.length;
  warn(
    `${sizeOf(planned)}${count > 0 ? `; ${count} of them are not to be run` : ''}. ${Math.min(jobs, cells.length)} at a time, on ${planned.backend.name}.`,
  );
  const interruption = onInterruption();
  const display = cellDisplay({ cells });
  try {
    const results = await compare(planned, {
      ...options,
      jobs,
      directory,
      signal: interruption.signal,
      events: display,
    });
    display.stop();
    await reportComparison(directory, results, { planned, now });
    const failed = results.outcomes.filter(({ status }) => status === 'failed').length;
    if (failed > 0) {
      warn(`flatmin: ${failed} of ${results.outcomes.length} runs failed. Try them again with --retry-failed.`);
      process.exitCode = 1;
    }
    if (interruption.exitCode === undefined) return;
    warn('Interrupted: the results are those so far. The same command goes on.');
    process.exitCode = interruption.exitCode;
  } finally {
    display.stop();
    interruption.dispose();
  }
}

/** `60 runs (12 methods and values, 5 seeds), about 102,600 gradient evaluations`. */
function sizeOf({ cells, grid }: PlannedComparison): string {
  const evaluations = cells.reduce((sum, { gradientEvaluations }) => sum + gradientEvaluations, 0);
  const rows = Math.max(...grid.tasks.map((task) => task.rows.length));
  const tasks = grid.tasks.length === 1 ? '' : `, ${grid.tasks.length} tasks`;
  return (
    `${counted(cells.length, 'run')} (${counted(rows, 'row')}${tasks}, ${counted(grid.seeds.length, 'seed')}), about ` +
    `${evaluations.toLocaleString('en-US')} gradient evaluations`
  );
}

const counted = (count: number, what: string): string =>
  `${count.toLocaleString('en-US')} ${what}${count === 1 ? '' : 's'}`;

/** What would be run, a line a run. */
function printPlan(planned: PlannedComparison, options: CompareCommandOptions): void {
  const toRun = new Set(cellsToRun(planned, options));
  planned.cells.forEach((placed, i) => {
    const { cell, id, gradientEvaluations } = placed;
    const name = [cell.task, cell.row, `seed ${cell.seed}`].filter(Boolean).join(' · ');
    const what = toRun.has(placed)
      ? `${cell.config.epochs} epochs, about ${gradientEvaluations.toLocaleString('en-US')} gradient evaluations`
      : `not run: ${planned.before[i]?.status}`;
    print(`${id}  ${name}: ${what}`);
  });
  print(`${sizeOf(planned)}; ${toRun.size} to run.`);
}
