import { duration, type ProgressStream } from '@flatmin/training/node';
import cliProgress from 'cli-progress';
import { terminalText } from '../terminal/terminal.js';
import { endOf as judgedAtEnd } from '../statistics/judged.js';
import type { CellOutcome } from '../statistics/results.js';
import type { CellEvents, PlacedCell } from './runCells.js';
import type { CellProgress } from '../cells/messages.js';

export interface CellDisplayOptions {
  /** What there is to run. */
  readonly cells: readonly PlacedCell[];
  readonly stream?: ProgressStream;
  /** Seconds since any fixed moment. */
  readonly clock?: () => number;
}

export interface CellDisplay extends CellEvents {
  /** A line that is not of a run. */
  readonly say: (line: string) => void;
  stop(): void;
}

/** What a cell is called, in a line. */
export function nameOfCell({ cell: { task, row, seed } }: Pick<PlacedCell, 'cell'>): string {
  return [task, row, `seed ${seed}`].filter(Boolean).join(' · ');
}

/**
 * How the cells go: on a terminal a bar for all and a line for each that runs; elsewhere a line for the first one that
 * begins, for each that has ended, and, after five seconds of silence, for one that runs. The time left is that of the
 * remaining gradient evaluations, at the pace so far.
 */
export function cellDisplay({ cells, stream = process.stderr, clock = seconds }: CellDisplayOptions): CellDisplay {
  const work = new Work(cells, clock);
  const show = stream.isTTY === true ? bars(stream, work) : lines(stream, work, clock);
  return {
    onStart: (cell) => show.start(cell),
    onProgress(cell, progress) {
      work.reached(cell, progress);
      show.progress(cell, progress);
    },
    onEnd(cell, outcome) {
      work.ended(cell);
      show.end(cell, outcome);
    },
    onLine: (cell, line) => show.say(`${nameOfCell(cell)}: ${terminalText(line)}`),
    onWait: (left) =>
      show.say(`${left.length} ${left.length === 1 ? 'run is' : 'runs are'} locked by another process: waiting for it`),
    say: (line) => show.say(terminalText(line)),
    stop: () => show.stop(),
  };
}

const seconds = (): number => performance.now() / 1000;

/** Gradient evaluations done and left. */
class Work {
  readonly total: number;
  readonly cells: number;
  readonly #clock: () => number;
  readonly #began: number;
  readonly #shares = new Map<PlacedCell, number>();
  #endedCells = 0;
  #endedWork = 0;

  constructor(cells: readonly PlacedCell[], clock: () => number) {
    this.total = cells.reduce((sum, { gradientEvaluations }) => sum + gradientEvaluations, 0);
    this.cells = cells.length;
    this.#clock = clock;
    this.#began = clock();
  }

  get done(): number {
    return [...this.#shares].reduce((sum, [cell, share]) => sum + share * cell.gradientEvaluations, this.#endedWork);
  }

  get counts(): string {
    return `${this.#endedCells}/${this.cells}`;
  }

  /** Empty until something has ended: the first steps of a process take longest. */
  get left(): string {
    const { done } = this;
    if (this.#endedCells === 0 || done >= this.total) return '';
    return `${duration(((this.#clock() - this.#began) / done) * (this.total - done))} left`;
  }

  reached(cell: PlacedCell, { step, totalSteps }: CellProgress): void {
    this.#shares.set(cell, step / totalSteps);
  }

  ended(cell: PlacedCell): void {
    this.#shares.delete(cell);
    this.#endedCells += 1;
    this.#endedWork += cell.gradientEvaluations;
  }
}

interface Show {
  start(cell: PlacedCell): void;
  progress(cell: PlacedCell, progress: CellProgress): void;
  end(cell: PlacedCell, outcome: CellOutcome): void;
  say(line: string): void;
  stop(): void;
}

function textOf({ loss, radius, doing }: CellProgress): string {
  return [
    ...(loss === null ? [] : [`loss ${loss.toPrecision(3)}`]),
    ...(radius === null ? [] : [`rho ${radius.toPrecision(2)}`]),
    ...(doing === undefined ? [] : [doing]),
  ].join(' · ');
}

/** How a cell ended, as the end of a line. */
export function endOf({ status, record, reason }: CellOutcome): string {
  if (status !== 'done') return reason === undefined ? status : `${status}: ${reason.split('\n')[0] ?? ''}`;
  const test = record && judgedAtEnd(record);
  const { accuracy, rootMeanSquaredError: error, loss } = test ?? {};
  const result = accuracy ?? error ?? loss;
  const name = accuracy !== undefined ? 'test accuracy' : error !== undefined ? 'test error' : 'test loss';
  return [...(result === undefined ? [] : [`${name} ${result.toFixed(3)}`]), duration(record?.seconds ?? 0)].join(', ');
}

/** Seconds of silence after which a line says how a cell goes. */
const silence = 5;

function lines(stream: ProgressStream, work: Work, clock: () => number): Show {
  let said = -Infinity;
  const say = (line: string): void => {
    said = clock();
    stream.write(`${line}\n`);
  };
  const left = (): string => work.left && ` (${work.left})`;
  return {
    start(cell) {
      if (said === -Infinity) say(`[${work.counts}] ${nameOfCell(cell)}: begins`);
    },
    progress(cell, progress) {
      if (clock() - said < silence) return;
      const share = `${Math.floor((100 * progress.step) / progress.totalSteps)}%`;
      const text = [share, textOf(progress)].filter(Boolean).join(' · ');
      say(`[${work.counts}] ${nameOfCell(cell)}: ${text}${left()}`);
    },
    end: (cell, outcome) => say(`[${work.counts}] ${nameOfCell(cell)}: ${endOf(outcome)}${left()}`),
    say,
    stop: () => undefined,
  };
}

function bars(stream: ProgressStream, work: Work): Show {
  const all = new cliProgress.MultiBar({
    stream,
    format: '{bar} {percentage}% {text}',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 16,
    hideCursor: true,
    clearOnComplete: true,
    linewrap: false,
    forceRedraw: true,
  });
  const total = all.create(work.total, 0, { text: work.counts });
  const running = new Map<PlacedCell, cliProgress.SingleBar>();
  const update = (): void => total.update(work.done, { text: [work.counts, work.left].filter(Boolean).join(' · ') });
  const say = (line: string): void => all.log(`${line}\n`);
  return {
    start: (cell) => void running.set(cell, all.create(1, 0, { text: nameOfCell(cell) })),
    progress(cell, progress) {
      const text = [nameOfCell(cell), textOf(progress)].filter(Boolean).join(' · ');
      running.get(cell)?.update(progress.step / progress.totalSteps, { text });
      update();
    },
    end(cell, outcome) {
      const bar = running.get(cell);
      if (bar !== undefined) all.remove(bar);
      running.delete(cell);
      if (outcome.status === 'failed' || outcome.status === 'diverged') say(`${nameOfCell(cell)}: ${endOf(outcome)}`);
      update();
    },
    say,
    stop: () => all.stop(),
  };
}
