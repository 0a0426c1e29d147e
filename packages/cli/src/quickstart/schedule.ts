import type { Experiment, MetricsLine, RunRecord } from '@flatmin/experiments/internal';
import { weightOf } from './methods.js';
import type { WorkerProcess } from './workerProcess.js';

export interface ScheduleEvents {
  onMetrics(line: MetricsLine): void;
  /** Weighted share of all the work that is done. */
  onProgress(share: number): void;
  onRun(run: RunRecord, finished: number): void;
}

/**
 * Does every experiment once: each worker takes the next as soon as it is free, the heaviest first, so that the last
 * ones are short. Results are in the order of `experiments`, whoever did them. The first error ends it all; the signal
 * ends it with the results that there are.
 */
export async function runAll(
  experiments: readonly Experiment[],
  workers: readonly Pick<WorkerProcess, 'run'>[],
  events: ScheduleEvents,
  signal?: AbortSignal,
): Promise<readonly RunRecord[]> {
  const weights = experiments.map(weightOf);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const queue = [...experiments.keys()].sort((a, b) => (weights[b] as number) - (weights[a] as number) || a - b);
  const shares = experiments.map(() => 0);
  const results: RunRecord[] = [];
  let finished = 0;
  const progress = (index: number, share: number): void => {
    shares[index] = share;
    events.onProgress(shares.reduce((sum, done, i) => sum + done * (weights[i] as number), 0) / total);
  };
  const work = async (worker: Pick<WorkerProcess, 'run'>): Promise<void> => {
    for (let index = queue.shift(); index !== undefined && signal?.aborted !== true; index = queue.shift()) {
      const current = index;
      const run = await worker.run(experiments[current] as Experiment, {
        onMetrics: (line) => events.onMetrics(line),
        onProgress: (share) => progress(current, share),
      });
      results[current] = run;
      progress(current, 1);
      finished += 1;
      events.onRun(run, finished);
    }
  };
  const aborted = new Promise<void>((resolve) => {
    signal?.addEventListener('abort', () => resolve(), { once: true });
    if (signal?.aborted === true) resolve();
  });
  // What a worker whose run is given up comes to say, nobody waits for.
  await Promise.race([Promise.all(workers.map(work)), aborted]);
  return experiments.flatMap((_, index) => results[index] ?? []);
}
