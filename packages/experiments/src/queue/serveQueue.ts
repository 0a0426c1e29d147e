import { hostName } from '@flatmin/training/node';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Distribution } from '../plugins/distribution.js';
import type { PluginRequest } from '../plugins/loadPlugin.js';
import { printOfPlugin } from '../plugins/printOfPlugin.js';
import { counted } from '../terminal/counted.js';
import { Children } from './children.js';
import { type AttemptContext, JobAttempt } from './jobAttempt.js';
import { QueueLink } from './queueLink.js';
import type { RedisAddress } from './redisAddress.js';
import { folderStorage, redisStorage } from './runStorage.js';

export interface ServeOptions {
  readonly address: RedisAddress;
  /** A folder that `flatmin compare` sees, too, for the files of runs; default: the Redis itself. */
  readonly storage?: string | undefined;
  /** Runs at a time. */
  readonly jobs: number;
  /** Threads of each. */
  readonly threads: number;
  /** The plugins that are loaded; what a job names never is. */
  readonly requests: readonly PluginRequest[];
  readonly distribution: Distribution;
  /** Seconds without a sign of a worker after which others take its runs; default 60. */
  readonly lostAfter?: number | undefined;
  /** Lets the runs save checkpoints and go back into the queue, and ends the worker. */
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/** How often a run may be left behind by workers that ended in the middle of it before it fails. */
const maxStalledCount = 20;

/**
 * Takes runs from a queue and trains them until the signal comes. The training is in processes of its own; this one is
 * never busy for long, so that the claim on a run is renewed however long a step takes.
 */
export async function serveQueue(options: ServeOptions): Promise<void> {
  const { address, jobs, threads, requests, distribution, signal, say, lostAfter = 60 } = options;
  const plugins = requests.map(printOfPlugin);
  const link = await QueueLink.open(address, say);
  const scratch = await mkdtemp(path.join(os.tmpdir(), 'flatmin-worker-'));
  const storage =
    options.storage === undefined
      ? redisStorage(link.client, link.place)
      : folderStorage(path.resolve(options.storage));
  const children = new Children({ plugins: distribution.plugins, threads }, requests);
  const name = `${hostName}~${process.pid}`;
  const mlflow = process.env['MLFLOW_TRACKING_URI'];
  const facts = { version: distribution.version, threads, plugins, storage, mlflow };
  const pause = (lostAfter * 1000) / 12;
  const context: AttemptContext = { ...facts, name, link, children, scratch, signal, pause, say };
  const worker = link.worker(
    // With three arguments, which BullMQ counts, it is told when the job is no longer its own.
    async (job, token, lost) => new JobAttempt(job, token as string, lost as AbortSignal, context).make(),
    { name, concurrency: jobs, lockDuration: lostAfter * 1000, stalledInterval: lostAfter * 500, maxStalledCount },
  );
  worker.on('lockRenewalFailed', (ids) => ids.forEach((id) => worker.cancelJob(id)));
  worker.on('failed', (job, error) => say(`${job?.data.name ?? ''}: failed: ${link.shown(error)}`));
  say(`${name} takes runs from ${link.place}, ${jobs} at a time, ${counted(threads, 'thread')} each`);
  try {
    if (!signal.aborted) await once(signal, 'abort');
  } finally {
    await link.close(worker);
    children.end();
    await rm(scratch, { recursive: true, force: true });
  }
}
