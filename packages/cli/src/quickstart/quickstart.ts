import os from 'node:os';
import { duration, progressDisplay } from '@flatmin/training/node';
import {
  type Experiment,
  type MetricsLine,
  type RunConfig,
  type RunRecord,
  ResultsDirectory,
  compared,
  printComparison,
  runConfigSchema,
  runsAsGrid,
  writeComparisonReport,
} from '@flatmin/experiments/internal';
import type { Distribution } from '@flatmin/experiments';
import { onInterruption, print, warn } from '@flatmin/experiments/terminal';
import { chooseBackend, type ChosenBackend } from './chooseBackend.js';
import { experimentsOf } from './methods.js';
import { runAll } from './schedule.js';
import { reportText } from './text.js';
import { WorkerProcess } from './workerProcess.js';

export interface QuickstartOptions {
  readonly epochs?: number;
  readonly seeds?: number;
  readonly workers?: number;
  readonly backend?: string;
  readonly out?: string;
}

/** Chosen so that all runs together take about a minute on two cores without the native backend. */
const defaultEpochs = 30;
const defaultSeeds = 3;

/** More processes than this gain little: 18 runs, and each process loads TensorFlow.js. */
const mostWorkers = 4;

/** Compares the methods of `methods.ts` on MNIST-1D, prints a table, and writes metrics and a report. */
export async function quickstart(options: QuickstartOptions, { plugins }: Distribution): Promise<void> {
  const started = performance.now();
  const seeds = Array.from({ length: options.seeds ?? defaultSeeds }, (_, seed) => seed);
  const experiments = experimentsOf(options.epochs ?? defaultEpochs, seeds);
  const count = Math.min(options.workers ?? Math.min(os.availableParallelism(), mostWorkers), experiments.length);
  const workers = Array.from({ length: count }, () => new WorkerProcess(plugins));
  const interruption = onInterruption();
  try {
    const asked = options.backend ?? process.env['FLATMIN_BACKEND'];
    const backend = await chooseBackend(workers, asked);
    print(`MNIST-1D, an MLP 40-100-100-10, ${experiments.length} runs in ${count} processes.`);
    print(`Backend: ${backend.backend} ${backend.version} (${backend.why}).`);
    const config = { command: 'quickstart', backend, experiments };
    const directory = await ResultsDirectory.create(options.out, Date.now(), () => config);
    try {
      const runs = await runWithProgress(experiments, workers, directory, interruption.signal);
      await finish(runs, { experiments, directory, backend, seconds: () => (performance.now() - started) / 1000 });
      sayHowItEnded(runs, experiments.length, interruption.exitCode);
    } finally {
      await directory.close();
    }
  } finally {
    interruption.dispose();
    for (const worker of workers) worker.stop();
  }
}

/** On standard error and as the exit code: an interruption, or runs that diverged. */
function sayHowItEnded(runs: readonly RunRecord[], count: number, interrupted: number | undefined): void {
  const diverged = runs.filter(({ failure }) => failure !== undefined).length;
  if (diverged > 0) {
    warn(`flatmin: of ${runs.length} runs ${diverged} diverged.`);
    process.exitCode = 1;
  }
  if (interrupted === undefined) return;
  warn(`Interrupted: ${runs.length} of ${count} runs had ended, and the results are those.`);
  process.exitCode = interrupted;
}

async function runWithProgress(
  experiments: Parameters<typeof runAll>[0],
  workers: readonly WorkerProcess[],
  directory: ResultsDirectory,
  signal: AbortSignal,
): Promise<readonly RunRecord[]> {
  const display = progressDisplay({ total: 100, from: 0 });
  let latest: Record<string, string> = {};
  let finished = 0;
  let share = 0;
  const show = (): void => {
    if (!signal.aborted) display.update(100 * share, { runs: `${finished}/${experiments.length}`, ...latest });
  };
  const events = {
    onMetrics: (line: MetricsLine): void => {
      // What a worker says after the end is of a run that was given up.
      if (signal.aborted) return;
      directory.write(line);
      if (line.event === 'step') latest = describeStep(line);
    },
    onProgress: (done: number): void => {
      share = done;
      show();
    },
    onRun: (_: RunRecord, count: number): void => {
      finished = count;
      show();
    },
  };
  try {
    return await runAll(experiments, workers, events, signal);
  } finally {
    display.stop();
  }
}

function describeStep(line: Readonly<Record<string, unknown>>): Record<string, string> {
  const { method, loss, radius } = line;
  const fields: Record<string, string> = { now: String(method) };
  if (typeof loss === 'number') fields['loss'] = loss.toFixed(3);
  if (typeof radius === 'number') fields['rho'] = radius.toPrecision(2);
  return fields;
}

interface Finish {
  readonly experiments: readonly Experiment[];
  readonly directory: ResultsDirectory;
  readonly backend: ChosenBackend;
  readonly seconds: () => number;
}

async function finish(runs: readonly RunRecord[], { experiments, directory, backend, seconds }: Finish): Promise<void> {
  const [first] = experiments;
  if (runs.length === 0 || first === undefined) return;
  const seeds = [...new Set(experiments.map(({ seed }) => seed))];
  const results = runsAsGrid(runs, configOf(first), seeds);
  print('');
  printComparison(compared(results));
  const report = await writeComparisonReport(directory.path, results, reportText(runs, backend));
  print(`Done in ${duration(seconds())}. Report: ${report}`);
}

/** What a run is but its name. */
function configOf({ method: _, ...config }: Experiment): RunConfig {
  return runConfigSchema.parse(config);
}
