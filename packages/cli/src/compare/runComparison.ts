import {
  cellDisplay,
  cellsToRun,
  compare,
  compared,
  defaultJobs,
  type GridResults,
  type PlannedComparison,
  printComparison,
  type ReportText,
  type Shard,
  writeComparisonReport,
} from '@flatmin/experiments/internal';
import { onInterruption, print, warn } from '@flatmin/experiments/terminal';

export interface RunComparisonOptions {
  readonly jobs?: number;
  readonly shard?: Shard;
  readonly retryFailed?: true;
}

/** Runs what is missing of a comparison, prints what came of all of it, and writes the report into its folder. */
export async function runComparison(
  planned: PlannedComparison,
  directory: string,
  text: ReportText,
  options: RunComparisonOptions,
): Promise<void> {
  const { jobs = defaultJobs(planned.threads) } = options;
  const cells = cellsToRun(planned, options);
  const others = planned.cells.length - cells.length;
  const processes = Math.min(jobs, cells.length);
  warn(
    `${sizeOf(planned)}${others === 0 ? '' : `, ${counted(cells.length, 'run')} of them here and now`}; ` +
      `${counted(processes, 'process', 'es')}, on ${planned.backend.name}.`,
  );
  const interruption = onInterruption();
  const display = cellDisplay({ cells });
  try {
    const { signal } = interruption;
    const results = await compare(planned, { ...options, jobs, directory, signal, events: display });
    display.stop();
    await report(results, directory, text);
    sayHowItEnded(results, interruption.exitCode);
  } finally {
    display.stop();
    interruption.dispose();
  }
}

async function report(results: GridResults, directory: string, text: ReportText): Promise<void> {
  print('');
  printComparison(compared(results), process.stdout.columns ?? 80);
  const file = await writeComparisonReport(directory, results, text);
  print(`Results: ${directory}\nReport: ${file}`);
}

/** On standard error and as the exit code: failures, which are not results, and an interruption. */
function sayHowItEnded({ outcomes }: GridResults, interrupted: number | undefined): void {
  const failed = outcomes.filter(({ status }) => status === 'failed').length;
  if (failed > 0) {
    warn(`flatmin: ${failed} of ${counted(outcomes.length, 'run')} failed. Try again with --retry-failed.`);
    process.exitCode = 1;
  }
  if (interrupted === undefined) return;
  warn('Interrupted: the results are those so far. The same command goes on.');
  process.exitCode = interrupted;
}

/** `60 runs (12 rows, 5 seeds), about 102,600 gradient evaluations`. */
export function sizeOf({ cells, grid }: Pick<PlannedComparison, 'cells' | 'grid'>): string {
  const evaluations = cells.reduce((sum, { gradientEvaluations }) => sum + gradientEvaluations, 0);
  const rows = Math.max(...grid.tasks.map((task) => task.rows.length));
  const tasks = grid.tasks.length === 1 ? '' : `${counted(grid.tasks.length, 'task')}, `;
  return (
    `${counted(cells.length, 'run')} (${tasks}${counted(rows, 'row')}, ${counted(grid.seeds.length, 'seed')}), about ` +
    `${evaluations.toLocaleString('en-US')} gradient evaluations`
  );
}

function counted(count: number, what: string, plural = 's'): string {
  return `${count.toLocaleString('en-US')} ${what}${count === 1 ? '' : plural}`;
}
