/** Milliseconds of work after which the event loop gets a turn: timers, signals and a browser's page wait no longer. */
const turnEvery = 50;

/** The time that a run takes, and when it lets others have some. */
export class Pace {
  readonly #started = performance.now();
  readonly #before: number;
  #turnTaken = this.#started;

  /** @param before seconds that the run took before it was resumed. */
  constructor(before: number) {
    this.#before = before;
  }

  /** Of this process. */
  get secondsHere(): number {
    return (performance.now() - this.#started) / 1000;
  }

  get seconds(): number {
    return this.#before + this.secondsHere;
  }

  /** Lets the event loop turn, where it has waited long enough. */
  async giveTurn(): Promise<void> {
    if (performance.now() - this.#turnTaken < turnEvery) return;
    await new Promise<void>((resume) => setTimeout(resume, 0));
    this.#turnTaken = performance.now();
  }
}
