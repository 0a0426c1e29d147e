import cliProgress from 'cli-progress';
import type { Writable } from 'node:stream';

/** Where progress goes: `process.stderr` by default, so that standard output stays clean for results. */
export type ProgressStream = Writable & { readonly isTTY?: boolean };

export interface ProgressDisplayOptions {
  /** The amount of work, in any unit. */
  readonly total: number;
  readonly stream?: ProgressStream;
  /** Seconds that a run has to be expected to last before it gets a bar; default 2. */
  readonly from?: number;
  /** Seconds between two lines where there is no terminal; default 5. */
  readonly lineEvery?: number;
  /** Seconds since any fixed moment; tests pass their own. */
  readonly clock?: () => number;
}

export interface ProgressDisplay {
  /** Work done so far, what to show beside it, and the seconds left where known better than by the share done. */
  update(done: number, fields: Readonly<Record<string, string>>, secondsLeft?: number): void;
  /** Ends the display; further updates do nothing. */
  stop(): void;
}

/** A bar on a terminal, plain lines elsewhere (logs, CI, pipes), nothing for what is over in two seconds. */
export function progressDisplay(options: ProgressDisplayOptions): ProgressDisplay {
  const stream = options.stream ?? process.stderr;
  const clock = options.clock ?? (() => performance.now() / 1000);
  const started = clock();
  const show = stream.isTTY === true ? bar(stream, options.total) : lines(stream, options, clock);
  let stopped = false;
  return {
    update(done, fields, secondsLeft) {
      const elapsed = clock() - started;
      const left = secondsLeft ?? (done > 0 ? (elapsed / done) * (options.total - done) : 0);
      if (stopped || elapsed + left < (options.from ?? 2)) return;
      show.update(done, describe(fields, done, options.total, left));
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

function lines(stream: ProgressStream, options: ProgressDisplayOptions, clock: () => number): Show {
  let next = -Infinity;
  return {
    update(done, text) {
      if (clock() < next) return;
      next = clock() + (options.lineEvery ?? 5);
      stream.write(`${Math.floor((100 * done) / options.total)}% ${text}\n`);
    },
    stop() {},
  };
}

function describe(fields: Readonly<Record<string, string>>, done: number, total: number, left: number): string {
  const shown = Object.entries(fields).map(([name, value]) => `${name} ${value}`);
  // The first steps take longer than all others: before one percent is done, the estimate would be hours.
  if (done < total && done >= total / 100) shown.push(`${duration(left)} left`);
  return shown.join(' · ');
}

/** Seconds as people read them: 8 s, 1 min 5 s, 2 h 10 min. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
