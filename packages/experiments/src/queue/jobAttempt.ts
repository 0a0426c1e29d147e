import type { Job } from 'bullmq';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { CellEnd, CellProcess } from '../cells/cellProcess.js';
import type { CellProgress } from '../cells/messages.js';
import type { RunConfig } from '../config/runConfig.js';
import { ResultsDirectory } from '../run/resultsDirectory.js';
import { CheckpointKeeper, isFinal } from './checkpointKeeper.js';
import type { Children } from './children.js';
import type { QueueLink } from './queueLink.js';
import { workersOf } from './queueState.js';
import { inOneLine, refusalOf, refusalOfProcess, refusedByAll, type WorkerFacts } from './refusal.js';
import { readRunJob, type RunJob, type RunNews } from './runJob.js';
import { restoreSnapshot, Snapshots } from './snapshot.js';

export interface AttemptContext extends WorkerFacts {
  /** Of the worker. */
  readonly name: string;
  readonly link: QueueLink;
  readonly children: Children;
  /** A folder of the worker's own. */
  readonly scratch: string;
  /** The worker is asked to end. */
  readonly signal: AbortSignal;
  /** Milliseconds until a run that was put back is looked at again, at first. */
  readonly pause: number;
  readonly say: (line: string) => void;
}

/** How often a run is put back before it fails, where all workers that are there refused it: others may be starting. */
const patience = 3;

/** How often where the Redis does not tell which workers there are. */
const blindPatience = 20;

/** One try of a worker at a run from the queue. */
export class JobAttempt {
  readonly #job: Job<RunJob>;
  readonly #run: RunJob & { readonly cell: string };
  readonly #token: string;
  /** Aborted once the run is no longer this worker's. */
  readonly #lost: AbortSignal;
  readonly #context: AttemptContext;
  #told = -Infinity;

  /** @throws FlatminError SPEC_INVALID where it is not a run's job. */
  constructor(job: Job<RunJob>, token: string, lost: AbortSignal, context: AttemptContext) {
    this.#job = job;
    this.#run = readRunJob(job.id, job.data);
    this.#token = token;
    this.#lost = lost;
    this.#context = context;
  }

  /** @throws what tells BullMQ that the job was put back, or why it failed. */
  async make(): Promise<void> {
    const { name, children, signal } = this.#context;
    const reason = this.#run.refusals[name] ?? (await refusalOf(this.#run, this.#context));
    if (reason !== undefined) return this.#refuse(reason);
    const child = await children.take(this.#run.backend).catch((error: unknown) => inOneLine(error));
    if (typeof child === 'string') {
      return this.#refuse(`its backend ${this.#run.backend} cannot be loaded here: ${child}`);
    }
    try {
      const reasonOfChild = await refusalOfProcess(this.#run, child);
      if (signal.aborted) return await this.#putBack();
      if (reasonOfChild !== undefined) return await this.#refuse(reasonOfChild);
      await this.#train(child);
    } finally {
      children.give(child);
    }
  }

  async #train(child: CellProcess): Promise<void> {
    const { scratch } = this.#context;
    const own = await mkdtemp(path.join(scratch, `${this.#run.cell}-`));
    try {
      await this.#trainIn(path.join(own, 'run'), child);
    } finally {
      await rm(own, { recursive: true, force: true });
    }
  }

  async #trainIn(folder: string, child: CellProcess): Promise<void> {
    const { storage, say } = this.#context;
    const { cell, name } = this.#run;
    const snapshots = await Snapshots.open(storage, cell);
    const goesOn = await restoreSnapshot(storage, cell, folder);
    await mkdir(folder, { recursive: true });
    if (goesOn) await writeFile(ResultsDirectory.configOf(folder), JSON.stringify(this.#run.config));
    say(`${name}: ${goesOn ? 'continues where it was' : 'begins'}`);
    let final: Error | undefined;
    const keeper = new CheckpointKeeper(
      () => snapshots.keep(folder),
      (error) => {
        say(`${name}: its checkpoint was not saved: ${this.#context.link.shown(error)}`);
        if (!isFinal(error)) return;
        final = error;
        child.kill();
      },
    );
    const end = await this.#ended(child, folder, keeper);
    await keeper.idle();
    if (this.#lost.aborted) {
      say(`${name}: no longer belongs to this worker, and was stopped here`);
      throw new Error('the run no longer belongs to this worker');
    }
    if (final !== undefined) throw final;
    if (end.kind !== 'ended') throw new Error(end.kind === 'failed' ? end.message : 'its folder is in use');
    await snapshots.keep(folder);
    if (end.record === undefined) return this.#putBack();
    say(`${name}: ${end.record.failure === undefined ? 'done' : 'diverged'}`);
  }

  /** Runs it, until it ends, is stopped as the worker is, or is lost. */
  async #ended(child: CellProcess, folder: string, keeper: CheckpointKeeper): Promise<CellEnd> {
    const { signal, say } = this.#context;
    const stop = (): void => child.stop();
    const kill = (): void => child.kill();
    signal.addEventListener('abort', stop);
    this.#lost.addEventListener('abort', kill);
    try {
      return await child.run(folder, this.#run.config as unknown as RunConfig, {
        onProgress: (progress) => this.#tell(progress),
        onCheckpoint: keeper.onCheckpoint,
        onLine: (line) => say(`${this.#run.name}: ${line}`),
      });
    } finally {
      signal.removeEventListener('abort', stop);
      this.#lost.removeEventListener('abort', kill);
    }
  }

  /** At most once a second, and not again before the last time has arrived. */
  #tell(progress: CellProgress): void {
    if (performance.now() - this.#told < 1000) return;
    this.#told = Infinity;
    const news: RunNews = { kind: 'progress', progress };
    // Of a run that is no longer in the queue nobody wants to know.
    void this.#job
      .updateProgress(news)
      .catch(() => undefined)
      .then(() => (this.#told = performance.now()));
  }

  /** As the worker ends: another one goes on with it. */
  async #putBack(): Promise<never> {
    await this.#job.moveToWait(this.#token);
    this.#context.say(`${this.#run.name}: back in the queue, with its checkpoint`);
    throw new this.#context.link.bullmq.WaitingError();
  }

  /** Leaves the run to others; where there are none that could take it, it fails with their reasons. */
  async #refuse(reason: string): Promise<never> {
    const { name, link, pause, say } = this.#context;
    const { refusals: before, putBack, name: run } = this.#run;
    const refusals = { ...before, [name]: reason };
    if (before[name] === undefined) {
      say(`${run}: not taken: ${reason}`);
      await this.#job.updateProgress({ kind: 'refused', worker: name, reason } satisfies RunNews);
    }
    const workers = await workersOf(link);
    const isHopeless =
      workers === undefined
        ? putBack >= blindPatience
        : putBack >= patience && workers.every((worker) => worker in refusals);
    if (isHopeless) throw new Error(refusedByAll(refusals));
    await this.#job.updateData({ ...this.#job.data, refusals, putBack: putBack + 1 });
    await this.#job.moveToDelayed(Date.now() + pause * 2 ** Math.min(putBack, patience), this.#token);
    throw new link.bullmq.DelayedError();
  }
}
