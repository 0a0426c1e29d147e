import type { Distribution } from '@flatmin/experiments';
import { defaultJobs, namedHere, redisAddress, serveQueue } from '@flatmin/experiments/internal';
import { onInterruption, warn } from '@flatmin/experiments/terminal';

export interface WorkerCommandOptions {
  readonly jobs?: number;
  readonly threads?: number;
  readonly storage?: string;
  readonly lostAfter?: number;
  readonly plugin?: readonly string[];
}

/** Trains what others put into a queue, until it is interrupted. */
export async function workerCommand(
  url: string | undefined,
  { threads = 1, jobs = defaultJobs(threads), plugin, storage, lostAfter }: WorkerCommandOptions,
  distribution: Distribution,
): Promise<void> {
  const interruption = onInterruption();
  try {
    await serveQueue({
      address: redisAddress(url),
      ...{ storage, jobs, threads, lostAfter, distribution },
      requests: namedHere(plugin),
      signal: interruption.signal,
      say: warn,
    });
    if (interruption.exitCode !== undefined) process.exitCode = interruption.exitCode;
  } finally {
    interruption.dispose();
  }
}
