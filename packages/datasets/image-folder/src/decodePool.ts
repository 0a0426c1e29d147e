import { Worker } from 'node:worker_threads';
import type { DecodeReply, DecodeRequest } from './decodeWorker.js';
import type { ExampleOptions } from './exampleOf.js';
import { ImageFault } from './imageFault.js';

interface Job {
  readonly request: DecodeRequest;
  readonly resolve: (values: Uint8Array) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Threads that decode. Each has one file at a time; files wait in their order. Idle threads do not keep a process alive, working ones do.
 */
export class DecodePool {
  readonly #workers: readonly Worker[];
  readonly #idle: Worker[] = [];
  readonly #jobs = new Map<Worker, Job>();
  readonly #waiting: Job[] = [];
  #broken: Error | undefined;

  /** @param entry the built entry: from sources and from dist the same. */
  constructor(size: number, entry = new URL('../dist/decodeWorker.js', import.meta.url)) {
    this.#workers = Array.from({ length: size }, () => this.#start(entry));
    this.#idle.push(...this.#workers);
  }

  /** @throws ImageFault for a broken file; Error where a thread ended, or the pool was closed. */
  decode(bytes: Uint8Array, options: ExampleOptions): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request: { bytes, options }, resolve, reject });
      this.#next();
    });
  }

  /** Ends the threads, also in the middle of a file. */
  async close(): Promise<void> {
    this.#fail(new Error('the threads that decode were ended'));
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #start(entry: URL): Worker {
    const worker = new Worker(entry);
    worker.unref();
    worker.on('message', (reply: DecodeReply) => this.#settle(worker, reply));
    worker.on('error', (error) => this.#fail(error));
    worker.on('exit', (code) => this.#fail(new Error(`a thread that decodes ended early (code ${code})`)));
    return worker;
  }

  #next(): void {
    if (this.#broken !== undefined) {
      for (const { reject } of this.#waiting.splice(0)) reject(this.#broken);
      return;
    }
    while (this.#idle.length > 0 && this.#waiting.length > 0) {
      const [worker, job] = [this.#idle.pop() as Worker, this.#waiting.shift() as Job];
      this.#jobs.set(worker, job);
      worker.ref();
      worker.postMessage(job.request);
    }
  }

  #settle(worker: Worker, reply: DecodeReply): void {
    const job = this.#jobs.get(worker);
    this.#jobs.delete(worker);
    this.#idle.push(worker);
    worker.unref();
    if ('values' in reply) job?.resolve(reply.values);
    else job?.reject(new ImageFault(reply.fault.offset, reply.fault.what, reply.fault.remedy));
    this.#next();
  }

  #fail(error: Error): void {
    this.#broken ??= error;
    for (const { reject } of this.#jobs.values()) reject(this.#broken);
    this.#jobs.clear();
    this.#next();
  }
}

/** One pool for all streams of a data set: started when the first of them decodes, ended with the last. */
export class SharedPool {
  readonly #size: number;
  #streams = 0;
  #pool: DecodePool | undefined;

  constructor(size: number) {
    this.#size = size;
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

  decode(bytes: Uint8Array, options: ExampleOptions): Promise<Uint8Array> {
    this.#pool ??= new DecodePool(this.#size);
    return this.#pool.decode(bytes, options);
  }
}
