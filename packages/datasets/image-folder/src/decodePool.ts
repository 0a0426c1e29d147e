import { Worker } from 'node:worker_threads';
import { FlatminError } from '@flatmin/core';
import type { DecodeReply, DecodeSetting } from './decodeWorker.js';

interface Job {
  readonly resolve: (values: Uint8Array) => void;
  readonly reject: (error: unknown) => void;
}

/** A thread and what it was asked for, oldest first. */
interface Thread {
  readonly worker: Worker;
  readonly jobs: Job[];
}

/**
 * Threads that read and decode. Each has its own queue, and gets what is asked for at once: the thread that trains is
 * busy for as long as a step takes, and could neither read files nor hand out the next one meanwhile. Idle threads do
 * not keep a process alive, working ones do.
 */
export class DecodePool {
  readonly #threads: readonly Thread[];
  #broken: Error | undefined;

  /** @param entry the built entry: from sources and from dist the same. */
  constructor(size: number, setting: DecodeSetting, entry = new URL('../dist/decodeWorker.js', import.meta.url)) {
    this.#threads = Array.from({ length: size }, () => this.#start(entry, setting));
  }

  /** @throws FlatminError as {@link readExample}; Error where a thread ended, or the pool was closed. */
  read(path: string): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      if (this.#broken !== undefined) return reject(this.#broken);
      const { worker, jobs } = this.#threads.reduce((least, each) =>
        each.jobs.length < least.jobs.length ? each : least,
      );
      jobs.push({ resolve, reject });
      worker.ref();
      worker.postMessage(path);
    });
  }

  /** Ends the threads, also in the middle of a file. */
  async close(): Promise<void> {
    this.#fail(new Error('the threads that decode were ended'));
    await Promise.all(this.#threads.map(({ worker }) => worker.terminate()));
  }

  #start(entry: URL, setting: DecodeSetting): Thread {
    const thread = { worker: new Worker(entry, { workerData: setting }), jobs: [] };
    const { worker } = thread;
    worker.unref();
    worker.on('message', (reply: DecodeReply) => settle(thread, reply));
    worker.on('error', (error) => this.#fail(error));
    worker.on('exit', (code) => this.#fail(new Error(`a thread that decodes ended early (code ${code})`)));
    return thread;
  }

  #fail(error: Error): void {
    this.#broken ??= error;
    for (const { jobs } of this.#threads) for (const { reject } of jobs.splice(0)) reject(this.#broken);
  }
}

function settle({ worker, jobs }: Thread, reply: DecodeReply): void {
  const job = jobs.shift();
  if (jobs.length === 0) worker.unref();
  if ('values' in reply) job?.resolve(reply.values);
  else job?.reject(new FlatminError(reply.refused.code, reply.refused.message));
}

/** One pool for all streams of a data set: started when the first of them decodes, ended with the last. */
export class SharedPool {
  readonly #size: number;
  readonly #setting: DecodeSetting;
  #streams = 0;
  #pool: DecodePool | undefined;

  constructor(size: number, setting: DecodeSetting) {
    this.#size = size;
    this.#setting = setting;
  }

  open(): void {
    this.#streams += 1;
  }

  async close(): Promise<void> {
    this.#streams -= 1;
    if (this.#streams > 0) return;
    const pool = this.#pool;
    this.#pool = undefined;
    await pool?.close();
  }

  read(path: string): Promise<Uint8Array> {
    this.#pool ??= new DecodePool(this.#size, this.#setting);
    return this.#pool.read(path);
  }
}
