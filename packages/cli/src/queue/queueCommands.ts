import {
  cancel,
  drain,
  folderStorage,
  QueueLink,
  type QueueStatus,
  redisAddress,
  redisStorage,
  type RunStorage,
  statusOf,
} from '@flatmin/experiments/internal';
import { print, printJson, warn } from '@flatmin/experiments/terminal';

export interface QueueCommandOptions {
  readonly json?: true;
  readonly storage?: string;
}

async function withLink<T>(url: string | undefined, action: (link: QueueLink) => Promise<T>): Promise<T> {
  const link = await QueueLink.open(redisAddress(url), warn);
  try {
    return await action(link);
  } finally {
    await link.close();
  }
}

export async function queueStatus(url: string | undefined, { json }: QueueCommandOptions): Promise<void> {
  const status = await withLink(url, statusOf);
  if (json === true) printJson(status);
  else linesOf(status).forEach(print);
}

function linesOf({ workers, waiting, refused, running, done, failed }: QueueStatus): readonly string[] {
  return [
    ...(workers === undefined ? [] : [`workers  ${workers.length === 0 ? 'none' : workers.join(', ')}`]),
    `waiting  ${waiting + refused.length}`,
    ...refused.map(
      ({ name, refusals }) =>
        `  ${name}: not taken by ${Object.entries(refusals)
          .map(([worker, reason]) => `${worker} (${reason})`)
          .join(', ')}`,
    ),
    `running  ${running.length}`,
    ...running.map(({ name, worker, since, step, totalSteps }) => {
      const reached = step === undefined ? '' : `, step ${step} of ${totalSteps}`;
      return `  ${name}: ${worker}, since ${since}${reached}`;
    }),
    `done     ${done}${done === 0 ? '' : ', to be collected by the flatmin compare that started them'}`,
    `failed   ${failed.length}`,
    ...failed.map(({ name, reason }) => `  ${name}: ${reason}`),
  ];
}

export async function queueCancel(url: string | undefined, options: QueueCommandOptions): Promise<void> {
  const removed = await withLink(url, (link) => cancel(link, storageOf(link, options)));
  print(`${counted(removed)} removed from the queue. Workers stop running ones within a minute.`);
}

export async function queueDrain(url: string | undefined, options: QueueCommandOptions): Promise<void> {
  const removed = await withLink(url, (link) => drain(link, storageOf(link, options)));
  print(`${counted(removed)} removed from the queue before they ran. Running ones continue to their end.`);
}

function storageOf({ client, place }: QueueLink, { storage }: QueueCommandOptions): RunStorage {
  return storage === undefined ? redisStorage(client, place) : folderStorage(storage);
}

const counted = (count: number): string => `${count} ${count === 1 ? 'run was' : 'runs were'}`;
