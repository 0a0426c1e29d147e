import {
  cellDisplay,
  cellsToRun,
  compare,
  compared,
  defaultJobs,
  type GridResults,
  placeOf,
  type PlannedComparison,
  printComparison,
  type QueueOptions,
  redisAddress,
  type ReportText,
  type Shard,
  throughQueue,
  writeComparisonReport,
} from '@flatmin/experiments/internal';
import { openPage } from '../terminal/openPage.js';
import { UsageError } from '../terminal/usageError.js';
import { counted, onInterruption, print, warn } from '@flatmin/experiments/terminal';

export interface RunComparisonOptions {
  readonly jobs?: number;
  readonly shard?: Shard;
  readonly retryFailed?: true;
  /** The address of a queue whose workers run it; true for that of the environment. */
  readonly queue?: string | true;
  /** A folder that the workers see, too. */
  readonly storage?: string;
  /** Open the report. */
  readonly open?: true;
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
  const queue = queueOf(options);
  const others = planned.cells.length - cells.length;
  const processes =
    queue === undefined
      ? counted(Math.min(jobs, cells.length), 'process', 'processes')
      : `queue ${placeOf(queue.address)}`;
  warn(
    `${sizeOf(planned)}${others === 0 ? '' : `, ${counted(cells.length, 'run')} of them here and now`}; ` +
      `${processes}, on ${planned.backend.name}.`,
  );
  const interruption = onInterruption();
  const display = cellDisplay({ cells });
  const run = queue && throughQueue(planned, directory, { ...queue, say: display.say });
  try {
    const { signal } = interruption;
    const results = await compare(planned, { ...options, jobs, directory, signal, events: display, run });
    display.stop();
    const page = await report(results, directory, text);
    if (options.open) await openPage(page);
    sayHowItEnded(results, interruption.exitCode, queue !== undefined);
  } finally {
    display.stop();
    interruption.dispose();
  }
}

/** @throws UsageError where a folder is named without a queue. */
function queueOf({ queue, storage }: RunComparisonOptions): Pick<QueueOptions, 'address' | 'storage'> | undefined {
  if (queue !== undefined) return { address: redisAddress(queue === true ? undefined : queue), storage };
  if (storage === undefined) return undefined;
  throw new UsageError(`--storage ${storage} is for the files of runs in a queue. Give --queue too, or leave it out.`);
}

async function report(results: GridResults, directory: string, text: ReportText): Promise<string> {
  print('');
  printComparison(compared(results), process.stdout.columns ?? 80);
  const file = await writeComparisonReport(directory, results, text);
  print(`Results: ${directory}\nReport: ${file}`);
  return file;
}

/** On standard error and as the exit code: failures, which are not results, and an interruption. */
function sayHowItEnded({ outcomes }: GridResults, interrupted: number | undefined, isQueued: boolean): void {
  const failed = outcomes.filter(({ status }) => status === 'failed').length;
  if (failed > 0) {
    warn(`flatmin: ${failed} of ${counted(outcomes.length, 'run')} failed. Try again with --retry-failed.`);
    process.exitCode = 1;
  }
  if (interrupted === undefined) return;
  warn(
    isQueued
      ? 'Interrupted: these are the results so far. The other runs stay in the queue, and workers continue with them: the same ' +
          'command collects their results, flatmin queue cancel removes them.'
      : 'Interrupted: these are the results so far. The same command continues.',
  );
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
