import os from 'node:os';
import { duration, progressDisplay } from '@flatmin/training/node';
import type { RunRecord } from '../cli/experiment/runRecord.js';
import { ResultsDirectory } from '../cli/experiment/resultsDirectory.js';
import { writeReport } from '../report/report.js';
import { summarize } from '../report/summary.js';
import { textTable } from '../report/table.js';
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
export async function quickstart(options: QuickstartOptions): Promise<void> {
  const started = performance.now();
  const seeds = Array.from({ length: options.seeds ?? defaultSeeds }, (_, seed) => seed);
  const experiments = experimentsOf(options.epochs ?? defaultEpochs, seeds);
  const count = Math.min(options.workers ?? Math.min(os.availableParallelism(), mostWorkers), experiments.length);
  const workers = Array.from({ length: count }, () => new WorkerProcess());
  const say = (text: string): void => void process.stdout.write(`${text}\n`);
  try {
    say(`MNIST-1D, an MLP 40-100-100-10, ${experiments.length} runs in ${count} processes.`);
    const asked = options.backend ?? process.env['FLATMIN_BACKEND'];
    const backend = await chooseBackend(workers, asked);
    say(`Backend: ${backend.backend} ${backend.version} (${backend.why}).`);
    const out = options.out ?? ResultsDirectory.nameAt(Date.now());
    const directory = await ResultsDirectory.create(out, { command: 'quickstart', backend, experiments });
    const runs = await runWithProgress(experiments, workers, directory);
    await finish(runs, { directory, backend, seconds: () => (performance.now() - started) / 1000, say });
  } finally {
    for (const worker of workers) worker.stop();
  }
}

async function runWithProgress(
  experiments: Parameters<typeof runAll>[0],
  workers: readonly WorkerProcess[],
  directory: ResultsDirectory,
): Promise<readonly RunRecord[]> {
  const display = progressDisplay({ total: 100, from: 0 });
  let latest: Record<string, string> = {};
  let finished = 0;
  let share = 0;
  const show = (): void => display.update(100 * share, { runs: `${finished}/${experiments.length}`, ...latest });
  try {
    return await runAll(experiments, workers, {
      onMetrics: (line) => {
        directory.write(line);
        if (line.event === 'step') latest = describeStep(line);
      },
      onProgress: (done) => {
        share = done;
        show();
      },
      onRun: (_, count) => {
        finished = count;
        show();
      },
    });
  } finally {
    display.stop();
    directory.close();
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
  readonly directory: ResultsDirectory;
  readonly backend: ChosenBackend;
  readonly seconds: () => number;
  readonly say: (text: string) => void;
}

async function finish(runs: readonly RunRecord[], { directory, backend, seconds, say }: Finish): Promise<void> {
  const summaries = summarize(runs);
  say(`\n${textTable(summaries)}\n`);
  say(`Test accuracy at the end, mean over ${summaries[0]?.seeds} seeds ± its standard error; rho over the seeds.`);
  const report = await writeReport(directory.path, runs, reportText(runs, backend));
  say(`Done in ${duration(seconds())}. Report: ${report}`);
}
