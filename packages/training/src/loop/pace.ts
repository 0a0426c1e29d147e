import type { Clock } from '@flatmin/core';
import { systemClock } from '@flatmin/core/internal';

/** Milliseconds of work after which the event loop gets a turn: timers, signals and a browser's page wait no longer. */
const turnEvery = 50;

/**
 * What time went to: a step as most are; a first one, which records a graph or warms up; a probe of the weights; all
 * that comes with the end of an epoch.
 */
export type Spent = 'step' | 'first step' | 'probe' | 'end of epoch';

/** The time that a run takes, what is left of it, and when it lets others have some. */
export class Pace {
  readonly #clock: Clock;
  readonly #started: number;
  readonly #before: number;
  readonly #spent: Record<Spent, { milliseconds: number; count: number }> = {
    step: { milliseconds: 0, count: 0 },
    'first step': { milliseconds: 0, count: 0 },
    probe: { milliseconds: 0, count: 0 },
    'end of epoch': { milliseconds: 0, count: 0 },
  };
  #turnTaken: number;
  #marked: number;

  /** @param before seconds that the run took before it was resumed. */
  constructor(before: number, clock: Clock = systemClock) {
    this.#before = before;
    this.#clock = clock;
    this.#started = this.#turnTaken = this.#marked = clock.elapsed();
  }

  /** Of this process. */
  get secondsHere(): number {
    return (this.#clock.elapsed() - this.#started) / 1000;
  }

  get seconds(): number {
    return this.#before + this.secondsHere;
  }

  /** The time since the last call went to this. */
  spent(on: Spent): void {
    const now = this.#clock.elapsed();
    this.#spent[on].milliseconds += now - this.#marked;
    this.#spent[on].count += 1;
    this.#marked = now;
  }

  /** What is left, by the mean of what there was; NaN before the first step that was not a first one. */
  secondsLeft({ steps, probes = 0, epochs }: Readonly<{ steps: number; probes?: number; epochs: number }>): number {
    const mean = (of: Spent): number => this.#spent[of].milliseconds / this.#spent[of].count / 1000;
    const known = (of: Spent, count: number): number => (this.#spent[of].count > 0 ? count * mean(of) : 0);
    const others = known('end of epoch', epochs) + known('probe', probes);
    return steps === 0 ? others : steps * mean('step') + others;
  }

  /** Lets the event loop turn, where it has waited long enough. */
  async giveTurn(): Promise<void> {
    if (this.#clock.elapsed() - this.#turnTaken < turnEvery) return;
    await new Promise<void>((resume) => setTimeout(resume, 0));
    this.#turnTaken = this.#clock.elapsed();
  }
}
