import type { CellProcess } from '../cells/cellProcess.js';
import type { RunJob } from './runJob.js';
import type { RunStorage } from './runStorage.js';
import { isAskedFor } from './snapshot.js';

/** What a worker is, as far as a run's numbers, or where they go, depend on it. */
export interface WorkerFacts {
  readonly version: string;
  readonly threads: number;
  /** As `printOfPlugin` tells them. */
  readonly plugins: readonly string[];
  readonly storage: RunStorage;
  /** Address of the only MLflow server that runs may be told to: with the password that it was given for that one. */
  readonly mlflow?: string | undefined;
}

/** Why a worker does not take a run, as far as it can tell before it opens its data; undefined where it does. */
export async function refusalOf(
  job: RunJob & { readonly cell: string },
  { version, threads, plugins, storage, mlflow }: WorkerFacts,
): Promise<string | undefined> {
  if (job.version !== version) return `it is for flatmin ${job.version}, and this is ${version}`;
  if (job.threads !== threads) {
    return `it needs --threads ${job.threads}, and this worker has --threads ${threads}: sums differ in their last digits`;
  }
  const lacking = job.plugins.filter((plugin) => !plugins.includes(plugin));
  if (lacking.length > 0) {
    return `it may need plugins that are not here: ${lacking.join(', ')}. Start the worker with --plugin for each`;
  }
  const server = (job.config['mlflow'] as { readonly url?: unknown } | undefined)?.url;
  if (server !== undefined && server !== mlflow) {
    return `it is recorded by MLflow at ${JSON.stringify(server)}, which this worker does not know. Start it with MLFLOW_TRACKING_URI`;
  }
  return refusalOfStorage(job, storage);
}

async function refusalOfStorage(
  job: RunJob & { readonly cell: string },
  storage: RunStorage,
): Promise<string | undefined> {
  if (job.storage !== storage.kind) {
    return job.storage === 'folder'
      ? 'its files go to a folder: start the worker with --storage and that folder'
      : 'its files go to Redis: start the worker without --storage';
  }
  if (await isAskedFor(storage, job.cell)) return undefined;
  return `its files are not in ${storage.place}, which is another folder than that of flatmin compare`;
}

/** Why the process that would train does not take a run: what it has is not what the run was checked with. */
export async function refusalOfProcess(
  { config, data, cell, version, threads }: RunJob & { readonly cell: string },
  child: CellProcess,
): Promise<string | undefined> {
  try {
    const here = await child.identify(config, { version, threads });
    if (here.data !== data) {
      return `its data set ${nameOf(config['dataset'])} is different here: ${here.data} here, ${data} there`;
    }
    return here.id === cell ? undefined : 'a file that its model is read from has different content here';
  } catch (error) {
    return `it cannot begin here: ${inOneLine(error)}`;
  }
}

const nameOf = (spec: unknown): string => String((spec as { readonly use?: unknown } | undefined)?.use);

/** The message of an error, as the end of a line. */
export function inOneLine(error: unknown): string {
  const text = (error instanceof Error ? error.message : String(error)).replaceAll(/\s*\n\s*/g, ' ');
  return text.length > 300 ? `${text.slice(0, 299)}…` : text;
}

/** Why no worker takes a run: their reasons, each with those that have it. */
export function refusedByAll(refusals: Readonly<Record<string, string>>): string {
  const byReason = new Map<string, string[]>();
  for (const [worker, reason] of Object.entries(refusals)) {
    byReason.set(reason, [...(byReason.get(reason) ?? []), worker]);
  }
  const lines = [...byReason].map(([reason, workers]) => `${workers.join(', ')}: ${reason}`);
  return `no worker takes it: ${lines.join('; ')}`;
}
