import type { Job } from 'bullmq';
import type { Redis } from 'ioredis';
import type { QueueLink } from './queueLink.js';
import { cellOfJob, jobIdOf, type RunJob, type RunNews } from './runJob.js';
import type { RunStorage } from './runStorage.js';

const removalsKey = 'flatmin:removals';

/** Who wants the results of a cell. */
export const takersKey = (cell: string): string => `flatmin:takers:${cell}`;

/** Changes whenever somebody takes runs out of the queue, so that who waits for them does not put them there again. */
export const removalsOf = (client: Redis): Promise<string | null> => client.get(removalsKey);

/** Removes all that there is of a run. */
export async function removeJob({ queue, client }: QueueLink, storage: RunStorage, cell: string): Promise<void> {
  await queue.remove(jobIdOf(cell));
  await client.del(takersKey(cell));
  await storage.removeAll(cell);
}

/** How the queue stands. */
export interface QueueStatus {
  /** Names of the workers; absent where the Redis does not tell who is connected. */
  readonly workers?: readonly string[];
  readonly waiting: number;
  /** Those that a worker did not take wait for another one. */
  readonly refused: readonly { readonly name: string; readonly refusals: Readonly<Record<string, string>> }[];
  readonly running: readonly RunningJob[];
  /** Whose results nobody has taken yet. */
  readonly done: number;
  readonly failed: readonly { readonly name: string; readonly reason: string }[];
}

export interface RunningJob {
  readonly name: string;
  readonly worker: string;
  /** ISO 8601. */
  readonly since: string;
  readonly step?: number;
  readonly totalSteps?: number;
}

export async function statusOf(link: QueueLink): Promise<QueueStatus> {
  const { queue } = link;
  const counts = await queue.getJobCounts('wait', 'completed');
  const jobsIn = async (state: 'active' | 'delayed' | 'failed'): Promise<Job<RunJob>[]> =>
    (await queue.getJobs([state])).filter((job) => cellOfJob(job?.id) !== undefined);
  const workers = await workersOf(link);
  return {
    ...(workers && { workers }),
    waiting: counts['wait'] ?? 0,
    refused: (await jobsIn('delayed')).map(({ data: { name, refusals } }) => ({ name, refusals })),
    running: (await jobsIn('active')).map(runningOf),
    done: counts['completed'] ?? 0,
    failed: (await jobsIn('failed')).map(({ data: { name }, failedReason }) => ({ name, reason: failedReason })),
  };
}

function runningOf({ data: { name }, processedBy = '', processedOn = 0, progress }: Job<RunJob>): RunningJob {
  const since = new Date(processedOn).toISOString();
  const news = progress as RunNews | number;
  if (typeof news === 'number' || news.kind !== 'progress') return { name, worker: processedBy, since };
  const { step, totalSteps } = news.progress;
  return { name, worker: processedBy, since, step, totalSteps };
}

/** Names of the workers that are connected now; undefined where the Redis does not tell. */
export async function workersOf({ queue }: Pick<QueueLink, 'queue'>): Promise<readonly string[] | undefined> {
  try {
    const names = (await queue.getWorkers()).flatMap(({ rawname }) => rawname?.split(':w:')[1] ?? []);
    return [...new Set(names)].sort();
  } catch {
    return undefined;
  }
}

/**
 * Takes all runs out of the queue, those that run too: their workers find their claim gone, and end them. What has been
 * trained of them is lost.
 *
 * @returns how many there were.
 */
export async function cancel(link: QueueLink, storage: RunStorage): Promise<number> {
  const { queue, client } = link;
  const cells = (await queue.getJobs()).flatMap((job) => cellOfJob(job?.id) ?? []);
  await client.incr(removalsKey);
  await queue.obliterate({ force: true });
  for (const cell of cells) await removeJob(link, storage, cell);
  return cells.length;
}

/**
 * Takes out of the queue what does not run yet. What runs goes on to its end.
 *
 * @returns how many were taken out.
 */
export async function drain(link: QueueLink, storage: RunStorage): Promise<number> {
  const { queue, client } = link;
  const cells = (await queue.getJobs(['wait', 'delayed'])).flatMap((job) => cellOfJob(job?.id) ?? []);
  await client.incr(removalsKey);
  await queue.drain(true);
  let removed = 0;
  for (const cell of cells) {
    // A worker may have taken it in between.
    if ((await queue.getJob(jobIdOf(cell))) !== undefined) continue;
    await removeJob(link, storage, cell);
    removed += 1;
  }
  return removed;
}
