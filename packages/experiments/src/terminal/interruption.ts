/** Signals that ask a process to end: Ctrl-C, what schedulers send before they kill, a terminal that is closed. */
const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
type Signal = keyof typeof exitCodes;
const signals = Object.keys(exitCodes) as Signal[];

export interface Interruption {
  /** Aborted by the first of the signals. */
  readonly signal: AbortSignal;
  /** 128 and the number of the signal, as shells have it; undefined where none came. */
  readonly exitCode: number | undefined;
  dispose(): void;
}

/**
 * Lets a command end by itself when it is asked to: the first signal aborts. From then on the system's own way is back,
 * so that a second one, whichever, ends the process at once, also while it computes.
 */
export function onInterruption(): Interruption {
  const controller = new AbortController();
  let exitCode: number | undefined;
  const dispose = (): void => signals.forEach((signal) => process.off(signal, interrupt));
  const interrupt = (signal: Signal): void => {
    dispose();
    exitCode = exitCodes[signal];
    controller.abort();
  };
  signals.forEach((signal) => process.on(signal, interrupt));
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode;
    },
    dispose,
  };
}

/**
 * For a process whose parent decides when it ends: a signal to the whole group, such as Ctrl-C sends it, does nothing
 * here.
 */
export function leaveSignalsToParent(): void {
  signals.forEach((signal) => process.on(signal, () => undefined));
}
