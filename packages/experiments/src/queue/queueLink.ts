import { FlatminError } from '@flatmin/core';
import type * as BullMQ from 'bullmq';
import type { Queue, QueueEvents, Worker, WorkerOptions } from 'bullmq';
import type { Redis } from 'ioredis';
import type { RunJob } from './runJob.js';
import { placeOf, type RedisAddress, withoutPassword } from './redisAddress.js';

const [name, prefix] = ['runs', 'flatmin'];

/**
 * The queue of runs in a Redis. When the Redis is gone for a while, commands wait and go on when it is back; that is
 * said once each time.
 */
export class QueueLink {
  readonly place: string;
  readonly client: Redis;
  readonly queue: Queue<RunJob>;
  readonly bullmq: typeof BullMQ;
  readonly #address: RedisAddress;
  readonly #say: (line: string) => void;
  #isBack: (() => void) | undefined;
  #isLost = false;
  #isClosing = false;

  private constructor(
    address: RedisAddress,
    client: Redis,
    { bullmq, say }: { readonly bullmq: typeof BullMQ; readonly say: (line: string) => void },
  ) {
    this.place = placeOf(address);
    this.client = client;
    this.bullmq = bullmq;
    this.#address = address;
    this.#say = say;
    client.on('ready', () => this.#back());
    client.on('close', () => this.#lost());
    client.on('error', this.onError);
    this.queue = new bullmq.Queue<RunJob>(name, { connection: client, prefix });
    this.queue.on('error', this.onError);
  }

  /**
   * @param say is told what happens to the connection.
   * @throws FlatminError RUN_INVALID where no Redis answers there, or it does not let one in.
   */
  static async open(address: RedisAddress, say: (line: string) => void): Promise<QueueLink> {
    // Both take a while to load, and only what has a queue wants them.
    const [bullmq, { Redis: Client }] = await Promise.all([import('bullmq'), import('ioredis')]);
    const client = new Client({ ...connectionOf(address), lazyConnect: true });
    let reason: Error | undefined;
    client.on('error', (error) => (reason = error));
    try {
      await client.connect();
    } catch (error) {
      client.disconnect();
      const message = withoutPassword((reason ?? (error as Error)).message || 'it does not answer', address);
      throw new FlatminError(
        'RUN_INVALID',
        `Redis at ${placeOf(address)} cannot be used: ${message.replace(/\.+$/, '')}. Start it, or correct the address, user or password.`,
      );
    }
    return new QueueLink(address, client, { bullmq, say });
  }

  events(): QueueEvents {
    const events = new this.bullmq.QueueEvents(name, { connection: connectionOf(this.#address), prefix });
    return events.on('error', this.onError);
  }

  worker(
    process: NonNullable<ConstructorParameters<typeof Worker<RunJob>>[1]>,
    options: Omit<WorkerOptions, 'connection' | 'prefix'>,
  ): Worker<RunJob> {
    const connection = connectionOf(this.#address);
    const worker = new this.bullmq.Worker<RunJob>(name, process, { ...options, connection, prefix });
    return worker.on('error', this.onError);
  }

  /** Calls back each time that the Redis has been away. */
  onBack(callback: () => void): void {
    this.#isBack = callback;
  }

  /** Errors of the connection are told as its loss. */
  readonly onError = (error: Error): void => {
    if (this.bullmq.isNotConnectionError(error)) this.#say(`${this.place}: ${this.shown(error)}`);
    else this.#lost();
  };

  /** The message of an error, without what must not be seen. */
  shown(error: unknown): string {
    return withoutPassword(error instanceof Error ? error.message : String(error), this.#address);
  }

  #lost(): void {
    if (this.#isLost || this.#isClosing) return;
    this.#isLost = true;
    this.#say(`${this.place} does not answer: waiting until it is back`);
  }

  #back(): void {
    if (!this.#isLost) return;
    this.#isLost = false;
    this.#say(`${this.place} is back`);
    this.#isBack?.();
  }

  /** Closes what was made of it, and then itself. */
  async close(...users: readonly (Pick<QueueEvents, 'close'> | undefined)[]): Promise<void> {
    this.#isClosing = true;
    for (const user of users) await user?.close();
    await this.queue.close();
    this.client.disconnect();
  }
}

/** Commands wait for the Redis, however long it is away, and it is looked for every few seconds. */
function connectionOf(address: RedisAddress): RedisAddress & {
  readonly maxRetriesPerRequest: null;
  readonly retryStrategy: (times: number) => number;
} {
  return { ...address, maxRetriesPerRequest: null, retryStrategy: (times) => Math.min(100 * 2 ** times, 3000) };
}

/** What a restart of a Redis would lose, as a line; undefined where nothing, or where it does not tell. */
export async function whatARestartLoses({
  client,
  place,
}: Pick<QueueLink, 'client' | 'place'>): Promise<string | undefined> {
  try {
    const settingOf = async (key: string): Promise<string | undefined> =>
      ((await client.config('GET', key)) as readonly string[])[1];
    if ((await settingOf('appendonly')) === 'yes') return undefined;
    const what = (await settingOf('save')) ? 'loses what happened since it last saved' : 'loses the queue';
    return `${place} keeps no append-only file: its restart ${what}. Start it with --appendonly yes.`;
  } catch {
    // Where it is let out, CONFIG is often not allowed.
    return undefined;
  }
}
