import { type MetricsLine, type RunRecord, RunRecordBuilder } from './runRecord.js';
import type { Settings } from './sameSettings.js';

/** What the lines of a seed tell: with what it was trained, how far it came, how it ended. */
export class SeedProgress {
  readonly record = new RunRecordBuilder();
  #settings: Settings | undefined;
  #step = 0;
  #end: MetricsLine | undefined;

  add(line: MetricsLine): void {
    this.record.add(line);
    if (line.event === 'start') this.#settings = line['settings'] as Settings;
    // The line of an end has no step.
    this.#step = Math.max(this.#step, (line['step'] as number | undefined) ?? Infinity);
    if (line.event === 'end' || line.event === 'failure') this.#end = line;
  }

  /** With what the seed is trained; undefined where a version of flatmin wrote the lines that did not say so. */
  get settings(): Settings | undefined {
    return this.#settings;
  }

  /** The epochs that it was to have; undefined where a version of flatmin wrote the lines that did not say so. */
  get epochs(): number | undefined {
    return this.#settings?.['epochs'] as number | undefined;
  }

  /** Whether it ended otherwise than by its length: more epochs would be none for it. */
  get endedByItself(): boolean {
    return this.#end?.event === 'failure' || this.#end?.['stoppedEarly'] === true;
  }

  /** Whether there are lines of a later step than this, or of an end. */
  goesBeyond(step: number): boolean {
    return this.#step > step;
  }

  /**
   * The record of a seed that is over: it has ended by itself, or diverged. Undefined where it was interrupted, and
   * where a damaged line left an epoch of it out: its checkpoint knows that one, and tells it again.
   */
  get ended(): RunRecord | undefined {
    if (this.#end === undefined || this.#end['stopped'] === true) return undefined;
    const { event, steps, stoppedEarly } = this.#end;
    const isWhole = event === 'failure' || !this.record.lacksEpochs(steps as number, stoppedEarly === true);
    return isWhole ? this.record.finish(this.#end) : undefined;
  }
}
