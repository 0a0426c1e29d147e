import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Job, QueueEvents } from 'bullmq';
import { hostName } from '@flatmin/training/node';
import { forgetFailure, noteFailure } from '../cells/cellFolder.js';
import { cellsFolder } from '../compare/comparisonFile.js';
import type { PlannedComparison } from '../compare/planComparison.js';
import type { CellEvents, CellRunner, PlacedCell } from '../compare/runCells.js';
import type { CellOutcome } from '../statistics/results.js';
import { type JobContext, jobContextOf, jobOfCell } from './jobOfCell.js';
import { QueueLink, whatARestartLoses } from './queueLink.js';
import { removalsOf, removeJob, takersKey } from './queueState.js';
import type { RedisAddress } from './redisAddress.js';
import { cellOfJob, jobIdOf, type RunJob, type RunNews } from './runJob.js';
import { folderStorage, redisStorage, type RunStorage } from './runStorage.js';
import { askFor, Snapshots } from './snapshot.js';
import { outcomeNow, takeRun } from './takeRun.js';
import { Waker } from './waker.js';

export interface QueueOptions {
  readonly address: RedisAddress;
  /** A folder that the workers see, too, for the files of runs; default: the Redis itself. */
  readonly storage?: string | undefined;
  /** Is told what is not of a cell. */
  readonly say: (line: string) => void;
  /** Milliseconds between two looks at all jobs, as events can be lost; default 15,000. */
  readonly lookEvery?: number;
}

/** A way to run the cells of a comparison: by workers on other machines, through a queue in a Redis. */
export function throughQueue(planned: PlannedComparison, directory: string, options: QueueOptions): CellRunner {
  return async (cells, { signal }, events) => {
    const link = await QueueLink.open(options.address, options.say);
    const storage =
      options.storage === undefined
        ? redisStorage(link.client, link.place)
        : folderStorage(path.resolve(options.storage));
    await mkdir(cellsFolder(directory), { recursive: true });
    const taker = `${hostName}:${path.resolve(directory)}`;
    const producer = new Producer({ planned, link, storage, events, taker }, cells);
    let heard: QueueEvents | undefined;
    try {
      const loss = await whatARestartLoses(link);
      if (loss !== undefined) options.say(loss);
      heard = producer.listen();
      await producer.run(signal, options.lookEvery ?? 15_000);
    } finally {
      await link.close(heard);
    }
  };
}

interface ProducerContext {
  readonly planned: PlannedComparison;
  readonly link: QueueLink;
  readonly storage: RunStorage;
  readonly events: CellEvents;
  /** Whose results these are: a second call for the same folder is the same taker. */
  readonly taker: string;
}

/** Puts cells into the queue and takes what came of them, each once. */
class Producer {
  readonly #context: ProducerContext;
  readonly #job: JobContext;
  /** By id; a cell that has its outcome is no longer in it. */
  readonly #left: Map<string, PlacedCell>;
  readonly #started = new Set<string>();
  readonly #saidReasons = new Set<string>();
  readonly #waker = new Waker();
  #removals: string | null = null;
  #hasWaited = false;

  constructor(context: ProducerContext, cells: readonly PlacedCell[]) {
    this.#context = context;
    this.#job = jobContextOf(context.planned, context.storage);
    this.#left = new Map(cells.map((cell) => [cell.id, cell]));
  }

  listen(): QueueEvents {
    const wake = ({ jobId }: { readonly jobId: string }): void => this.#waker.wake(cellOfJob(jobId));
    const heard = this.#context.link.events();
    heard.on('active', wake).on('completed', wake).on('failed', wake);
    heard.on('progress', ({ jobId, data }) => this.#hear(cellOfJob(jobId), data as RunNews));
    this.#context.link.onBack(() => this.#waker.wakeAll());
    return heard;
  }

  async run(signal: AbortSignal, lookEvery: number): Promise<void> {
    const { client } = this.#context.link;
    this.#removals = await removalsOf(client);
    for (const cell of this.#left.values()) {
      if (signal.aborted) return;
      await forgetFailure(cell.folder);
      await client.sadd(takersKey(cell.id), this.#context.taker);
      await this.#look(cell);
    }
    while (this.#left.size > 0 && !signal.aborted) {
      const due = await this.#waker.next(lookEvery, signal);
      for (const cell of [...this.#left.values()]) {
        if (!signal.aborted && (due === 'all' || due.has(cell.id))) await this.#look(cell);
      }
    }
  }

  #hear(id: string | undefined, news: RunNews): void {
    const cell = this.#left.get(id ?? '');
    if (cell === undefined) return;
    if (news.kind === 'progress') {
      this.#start(cell);
      this.#context.events.onProgress(cell, news.progress);
    } else this.#sayRefusal(cell, news.worker, news.reason);
  }

  /** Once: of many cells it is mostly one reason, and of one cell it is heard and seen. */
  #sayRefusal(cell: PlacedCell, worker: string, reason: string): void {
    const line = `${worker} does not take it: ${reason}`;
    if (!this.#saidReasons.has(line)) this.#context.events.onLine(cell, line);
    this.#saidReasons.add(line);
  }

  #start(cell: PlacedCell): void {
    if (this.#started.has(cell.id)) return;
    this.#started.add(cell.id);
    this.#context.events.onStart(cell);
  }

  /** Does for a cell what its job, or its folder, asks for. */
  async #look(cell: PlacedCell): Promise<void> {
    const { planned, link, events } = this.#context;
    const here = await outcomeNow(cell, planned.backend.name);
    // Another call for the same folder was faster, or runs it itself.
    if (here.record !== undefined) return this.#end(cell, here);
    if (here.status === 'running') {
      if (!this.#hasWaited) events.onWait([cell]);
      this.#hasWaited = true;
      return;
    }
    // First the state: a job that is read after it has at least what belongs to that.
    const state = await link.queue.getJobState(jobIdOf(cell.id));
    const job = (await link.queue.getJob(jobIdOf(cell.id))) as Job<RunJob> | undefined;
    if (job === undefined || state === 'unknown') {
      // Another call for the same folder may have taken it in between: first the run is there, then its job goes.
      const now = await outcomeNow(cell, planned.backend.name);
      return now.record === undefined ? this.#add(cell, now) : this.#end(cell, now);
    }
    // What they told when they refused it may not have been heard.
    for (const [worker, reason] of Object.entries(job.data.refusals)) this.#sayRefusal(cell, worker, reason);
    if (state === 'active') this.#start(cell);
    else if (state === 'completed') await this.#take(cell);
    else if (state === 'failed') await this.#fail(cell, job.failedReason);
  }

  async #add(cell: PlacedCell, here: CellOutcome): Promise<void> {
    const { link, storage, taker } = this.#context;
    const removals = await removalsOf(link.client);
    if (removals !== null && removals !== this.#removals) {
      return this.#end(cell, { status: 'missing', reason: 'it was removed from the queue' });
    }
    await link.client.sadd(takersKey(cell.id), taker);
    await askFor(storage, cell.id);
    if (here.status === 'interrupted') await (await Snapshots.open(storage, cell.id)).keep(cell.folder);
    const jobId = jobIdOf(cell.id);
    // Where another call has put it there since, that job stays the only one.
    await link.queue.add('run', jobOfCell(cell, this.#job), { jobId });
  }

  async #take(cell: PlacedCell): Promise<void> {
    const { planned, storage } = this.#context;
    const outcome = await takeRun(cell, storage, { ...planned, backend: planned.backend.name });
    if (outcome === undefined) return;
    if (outcome.status === 'failed') return this.#fail(cell, outcome.reason);
    await this.#leave(cell);
    this.#end(cell, outcome);
  }

  async #fail(cell: PlacedCell, reason = 'unknown'): Promise<void> {
    await noteFailure(cell.folder, reason, cell.cell.config);
    await this.#leave(cell);
    this.#end(cell, { status: 'failed', reason, folder: cell.folder });
  }

  /** The job goes with the last who asked for it. */
  async #leave({ id }: PlacedCell): Promise<void> {
    const { link, storage, taker } = this.#context;
    await link.client.srem(takersKey(id), taker);
    if ((await link.client.scard(takersKey(id))) === 0) await removeJob(link, storage, id);
  }

  #end(cell: PlacedCell, outcome: CellOutcome): void {
    if (!this.#left.delete(cell.id)) return;
    this.#context.events.onEnd(cell, outcome);
  }
}
