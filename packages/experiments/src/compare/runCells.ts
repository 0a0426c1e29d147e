import { setTimeout } from 'node:timers/promises';
import type { PluginRequest } from '../plugins/loadPlugin.js';
import { type CellEnd, CellProcess, type CellProcessOptions } from '../cells/cellProcess.js';
import { forgetFailure, noteFailure } from '../cells/cellFolder.js';
import type { CellProgress } from '../cells/messages.js';
import type { CellOutcome } from '../statistics/results.js';
import type { PricedCell } from './budget.js';

/** A cell with its id and folder. */
export interface PlacedCell extends PricedCell {
  readonly id: string;
  readonly folder: string;
}

export interface RunCellsOptions extends CellProcessOptions {
  /** Processes at a time. */
  readonly jobs: number;
  readonly backend: string;
  readonly requests: readonly PluginRequest[];
  readonly signal: AbortSignal;
  /** Milliseconds between two looks at cells that other processes have; default 2000. */
  readonly lookEvery?: number;
}

/** What happens to the cells, in the order in which it does. */
export interface CellEvents {
  onStart(cell: PlacedCell): void;
  onProgress(cell: PlacedCell, progress: CellProgress): void;
  onEnd(cell: PlacedCell, outcome: CellOutcome): void;
  /** A line of what a process says. */
  onLine(cell: PlacedCell, line: string): void;
  /** Cells are left that other processes have; told once. */
  onWait(cells: readonly PlacedCell[]): void;
}

/** A way to run cells: it tells what becomes of each, and ends once all have ended or the signal came. */
export type CellRunner = (cells: readonly PlacedCell[], options: RunCellsOptions, events: CellEvents) => Promise<void>;

/**
 * Runs cells in some processes: a free one takes the next. A cell that fails is noted in its folder, and the others go
 * on. One that another call has is tried again until it has ended there, or its owner is gone. The signal lets every
 * run save a checkpoint and end.
 */
export async function runCells(
  cells: readonly PlacedCell[],
  options: RunCellsOptions,
  events: CellEvents,
): Promise<void> {
  const { signal, jobs, lookEvery = 2000 } = options;
  const workers = Array.from({ length: Math.min(jobs, cells.length) }, () => new Worker(options, events));
  const stop = (): void => workers.forEach((worker) => worker.stop());
  signal.addEventListener('abort', stop, { once: true });
  try {
    for (let left = [...cells], looks = 0; left.length > 0 && !signal.aborted; looks++) {
      if (looks === 1) events.onWait(left);
      if (looks > 0) await pause(lookEvery, signal);
      const busy: PlacedCell[] = [];
      await Promise.all(workers.map((worker) => worker.work(left, busy)));
      left = busy;
    }
  } finally {
    signal.removeEventListener('abort', stop);
    workers.forEach((worker) => worker.end());
  }
}

/** A process, and after it has ended early another. */
class Worker {
  readonly #options: RunCellsOptions;
  readonly #events: CellEvents;
  #process: CellProcess | undefined;

  constructor(options: RunCellsOptions, events: CellEvents) {
    this.#options = options;
    this.#events = events;
  }

  /** Takes cells from a list until it is empty; those that others have go into another. */
  async work(left: PlacedCell[], busy: PlacedCell[]): Promise<void> {
    const { signal } = this.#options;
    for (let cell = left.shift(); cell !== undefined && !signal.aborted; cell = left.shift()) {
      const end = await this.#run(cell);
      if (end.kind === 'busy') busy.push(cell);
      else this.#events.onEnd(cell, await this.#outcome(cell, end));
    }
  }

  async #run(cell: PlacedCell): Promise<CellEnd> {
    const child = await this.#opened();
    // The signal may have come while the process loaded.
    if (this.#options.signal.aborted) return { kind: 'ended' };
    await forgetFailure(cell.folder);
    this.#events.onStart(cell);
    return child.run(cell.folder, cell.cell.config, {
      onProgress: (progress) => this.#events.onProgress(cell, progress),
      onLine: (line) => this.#events.onLine(cell, line),
    });
  }

  async #opened(): Promise<CellProcess> {
    if (this.#process?.isAlive === true) return this.#process;
    this.#process = new CellProcess(this.#options);
    await this.#process.open(this.#options.backend, this.#options.requests);
    return this.#process;
  }

  async #outcome(
    { folder, cell: { config } }: PlacedCell,
    end: Exclude<CellEnd, { kind: 'busy' }>,
  ): Promise<CellOutcome> {
    if (end.kind === 'failed') {
      await noteFailure(folder, end.message, config);
      return { status: 'failed', reason: end.message, folder };
    }
    const { record } = end;
    if (record === undefined) return { status: 'interrupted', folder };
    const { failure } = record;
    return failure === undefined
      ? { status: 'done', record, folder }
      : { status: 'diverged', record, reason: failure, folder };
  }

  stop(): void {
    this.#process?.stop();
  }

  end(): void {
    this.#process?.kill();
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return setTimeout(milliseconds, undefined, { signal }).catch(() => undefined);
}
