/** Collects what has to be looked at until somebody looks. */
export class Waker {
  #due = new Set<string>();
  #isAll = false;
  #resolve: (() => void) | undefined;
  #lastAll = Date.now();

  wake(id: string | undefined): void {
    if (id === undefined) return;
    this.#due.add(id);
    this.#resolve?.();
  }

  wakeAll(): void {
    this.#isAll = true;
    this.#resolve?.();
  }

  /** What is due, once something is; all where it was so long ago that all was, or the signal came. */
  async next(milliseconds: number, signal: AbortSignal): Promise<ReadonlySet<string> | 'all'> {
    const left = this.#lastAll + milliseconds - Date.now();
    if (this.#due.size === 0 && !this.#isAll && left > 0 && !signal.aborted) await this.#pause(left, signal);
    const isAll = this.#isAll || Date.now() - this.#lastAll >= milliseconds;
    const due = this.#due;
    this.#due = new Set();
    if (!isAll) return due;
    this.#isAll = false;
    this.#lastAll = Date.now();
    return 'all';
  }

  async #pause(milliseconds: number, signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#resolve = () => {
        clearTimeout(timer);
        resolve();
      };
      signal.addEventListener('abort', this.#resolve, { once: true });
    });
    if (this.#resolve !== undefined) signal.removeEventListener('abort', this.#resolve);
    this.#resolve = undefined;
  }
}
