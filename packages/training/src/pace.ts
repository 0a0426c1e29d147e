import { type Clock, systemClock } from '@flatmin/core';

/** Milliseconds of work after which the event loop gets a turn: timers, signals and a browser's page wait no longer. */
const turnEvery = 50;

/** The time that a run takes, and when it lets others have some. */
export class Pace {
  readonly #clock: Clock;
  readonly #started: number;
  readonly #before: number;
  #turnTaken: number;

  /** @param before seconds that the run took before it was resumed. */
  constructor(before: number, clock: Clock = systemClock) {
    this.#before = before;
    this.#clock = clock;
    this.#started = this.#turnTaken = clock.elapsed();
  }

  /** Of this process. */
  get secondsHere(): number {
    return (this.#clock.elapsed() - this.#started) / 1000;
  }

  get seconds(): number {
    return this.#before + this.secondsHere;
  }

  /** Lets the event loop turn, where it has waited long enough. */
  async giveTurn(): Promise<void> {
    if (this.#clock.elapsed() - this.#turnTaken < turnEvery) return;
    await new Promise<void>((resume) => setTimeout(resume, 0));
    this.#turnTaken = this.#clock.elapsed();
  }
}
