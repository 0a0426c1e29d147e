import { combineStatistics } from './combineStatistics.js';
import { withLossRandomOfPart } from './lossRandom.js';
import type { BatchPart } from './parts.js';
import type { Snapshot, Statistics } from './statistics.js';

/** Runs a pass over each part of a batch, one after the other. */
export type PartPasses = <T>(parts: readonly BatchPart[], pass: (part: BatchPart) => T) => T[];

/** Statistics over the passes of the parts of one batch: each starts from the same ones, and the last leaves those of the batch. */
export class PartStatistics {
  readonly #statistics: Statistics;
  readonly #before: Snapshot;
  readonly #moved: { readonly fraction: number; readonly after: Snapshot }[] = [];

  constructor(statistics: Statistics, since?: Snapshot) {
    this.#statistics = statistics;
    this.#before = statistics.snapshot(since);
  }

  /** Runs the pass of one of `count` parts. */
  during<T>({ fraction }: BatchPart, count: number, pass: () => T): T {
    this.#statistics.restore(this.#before);
    const result = pass();
    this.#moved.push({ fraction, after: this.#statistics.snapshot(this.#before) });
    if (this.#moved.length === count) combineStatistics(this.#before, this.#moved);
    return result;
  }
}

/** Passes that leave the statistics of the whole batch: a clean pass in parts. Each part has random numbers of its own. */
export function cleanPasses(statistics: Statistics, since?: Snapshot): PartPasses {
  return (parts, pass) => {
    if (parts.length === 1) return parts.map(pass);
    const moves = new PartStatistics(statistics, since);
    return parts.map((part, i) => moves.during(part, parts.length, () => withLossRandomOfPart(i, () => pass(part))));
  };
}

/** The same for passes whose statistics somebody puts back: all that the next part needs is to start as the first did. */
export function extraPasses(statistics: Statistics, since?: Snapshot): PartPasses {
  return (parts, pass) => {
    if (parts.length === 1) return parts.map(pass);
    const before = statistics.snapshot(since);
    return parts.map((part, i) => {
      statistics.restore(before);
      return withLossRandomOfPart(i, () => pass(part));
    });
  };
}
