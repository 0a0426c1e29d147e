import cliProgress from 'cli-progress';
import type { Writable } from 'node:stream';

/** Where progress goes: `process.stderr` by default, so that standard output stays clean for results. */
export type ProgressStream = Writable & { readonly isTTY?: boolean };

export interface ProgressDisplayOptions {
  /** The amount of work, in any unit. */
  readonly total: number;
  readonly stream?: ProgressStream;
  /** Seconds that a run has to be expected to last before its work done is shown; default 2. */
  readonly from?: number;
  /** Seconds between two lines of work done where there is no terminal; default 5. */
  readonly lineEvery?: number;
  /** Seconds since any fixed moment; tests pass their own. */
  readonly clock?: () => number;
}

export interface ProgressDisplay {
  /**
   * Something begins, or goes on, that may take its time: said at once where it is the first, and where nothing was
   * said for two seconds; else with the next update. What blocks the process while it lasts is always said (`blocks`).
   */
  begin(done: number, what: string, blocks?: boolean): void;
  /**
   * Work done so far, what to show beside it, and the seconds left where known better than by the share done; NaN is
   * not known.
   */
  update(done: number, fields: Readonly<Record<string, string>>, secondsLeft?: number): void;
  /** Ends the display; further updates do nothing. */
  stop(): void;
}

/** Seconds of silence after which the next thing that begins is said on a line of its own. */
const silence = 2;

/**
 * A bar on a terminal, plain lines elsewhere (logs, CI, pipes). The first thing that a run begins is said at once, as
 * it may take long; of what is over in two seconds nothing more.
 */
export function progressDisplay(options: ProgressDisplayOptions): ProgressDisplay {
  const stream = options.stream ?? process.stderr;
  const clock = options.clock ?? (() => performance.now() / 1000);
  const started = clock();
  const show = stream.isTTY === true ? bar(stream, options.total) : lines(stream, options.total);
  const every = stream.isTTY === true ? 0 : (options.lineEvery ?? 5);
  let last = -Infinity;
  let fieldsText = '';
  let stopped = false;
  const draw = (done: number, text: string): void => {
    last = clock();
    show.update(done, text);
  };
  return {
    begin(done, what, blocks = false) {
      if (stopped || (!blocks && clock() - last < (stream.isTTY === true ? 0 : silence))) return;
      draw(done, [fieldsText, what].filter(Boolean).join(' · '));
    },
    update(done, fields, secondsLeft) {
      const elapsed = clock() - started;
      const left = secondsLeft ?? (done > 0 ? (elapsed / done) * (options.total - done) : 0);
      if (stopped || elapsed + (Number.isNaN(left) ? 0 : left) < (options.from ?? 2)) return;
      fieldsText = textOf(fields);
      if (clock() - last < every) return;
      // The first steps take longer than all others: by the share done, before one percent the estimate would be hours.
      const isKnown = secondsLeft === undefined ? done >= options.total / 100 : !Number.isNaN(left);
      draw(
        done,
        [fieldsText, done < options.total && isKnown ? `${duration(left)} left` : ''].filter(Boolean).join(' · '),
      );
    },
    stop() {
      stopped = true;
      show.stop();
    },
  };
}

interface Show {
  update(done: number, text: string): void;
  stop(): void;
}

function bar(stream: ProgressStream, total: number): Show {
  const single = new cliProgress.SingleBar({
    stream,
    format: '{bar} {percentage}% {text}',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 24,
    hideCursor: true,
    // Bars of a finished run would stand above its results and say nothing new.
    clearOnComplete: true,
    linewrap: false,
  });
  let running = false;
  return {
    update(done, text) {
      if (!running) single.start(total, done, { text });
      running = true;
      single.update(done, { text });
    },
    stop() {
      if (running) single.stop();
    },
  };
}

function lines(stream: ProgressStream, total: number): Show {
  return {
    update(done, text) {
      stream.write(`${Math.floor((100 * done) / total)}% ${text}\n`);
    },
    stop() {},
  };
}

const textOf = (fields: Readonly<Record<string, string>>): string =>
  Object.entries(fields)
    .map(([name, value]) => `${name} ${value}`)
    .join(' · ');

/** Seconds as people read them: 8 s, 1 min 5 s, 2 h 10 min. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
