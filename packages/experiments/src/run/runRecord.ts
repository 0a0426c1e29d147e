import type { BestState, EpochRecord, Metrics, PartName } from '@flatmin/training';

/** rho after a step. */
export interface RadiusPoint {
  readonly step: number;
  readonly radius: number;
}

/** What an evaluation found, by part. */
export type Judged = Readonly<Partial<Record<PartName, Metrics>>>;

/** What is known of a run that has ended: plain data. */
export interface RunRecord {
  readonly method: string;
  readonly seed: number;
  readonly history: readonly EpochRecord[];
  /** rho at every `radiiEvery`-th logged step, and at the last one: what a plot can show. */
  readonly radii: readonly RadiusPoint[];
  readonly radiiEvery: number;
  /** True where the optimizer moved rho itself. */
  readonly learnsRadius: boolean;
  readonly steps: number;
  readonly gradientEvaluations: number;
  readonly seconds: number;
  readonly stopped: boolean;
  /** In bytes, of the process that ran it; absent if it was not measured. */
  readonly peakMemory?: number;
  /** If the model ended with its best weights: their step, and the metrics of each part that was evaluated then. */
  readonly best?: { readonly step: number } & Judged;
  /** If the run ended because a number was no longer finite: what happened. */
  readonly failure?: string;
}

/** One line of metrics.jsonl: which run, which event, and its numbers. */
export type MetricsLine = {
  readonly event: 'start' | 'step' | 'evaluation' | 'probe' | 'epoch' | 'end' | 'failure';
  readonly method: string;
  readonly seed: number;
} & Readonly<Record<string, unknown>>;

type Figures = Readonly<Record<string, unknown>>;

/** Points of rho that are kept of a run at most: more than a plot has pixels. */
export const mostPoints = 2048;

/**
 * Every k-th of some values, k a power of 2 that grows with their number, and the last: never more than
 * {@link mostPoints}.
 */
export class Thinned<T> {
  #every = 1;
  #count = 0;
  #kept: T[] = [];
  #last: T | undefined;

  get every(): number {
    return this.#every;
  }

  get values(): readonly T[] {
    const isLastKept = this.#count === 0 || (this.#count - 1) % this.#every === 0;
    return isLastKept ? this.#kept : [...this.#kept, this.#last as T];
  }

  add(value: T): void {
    if (this.#count % this.#every === 0) this.#kept.push(value);
    this.#last = value;
    this.#count += 1;
    if (this.#kept.length < mostPoints) return;
    this.#kept = this.#kept.filter((_, i) => i % 2 === 0);
    this.#every *= 2;
  }
}

/** What the lines of metrics of one run tell, in a few numbers: its size depends on the epochs, not on the steps. */
export class RunRecordBuilder {
  readonly #history: EpochRecord[] = [];
  readonly #radii = new Thinned<RadiusPoint>();
  /** How the model did, by step. */
  readonly #judged = new Map<number, Judged>();
  #learnsRadius = false;

  add({ event, method: _, seed: __, ...figures }: MetricsLine): void {
    if (event === 'step') this.#addStep(figures);
    else if (event === 'epoch') this.#addEpoch(figures as unknown as EpochRecord);
    else if (event === 'evaluation') this.#addEvaluation(figures);
  }

  /** The record, from the line that ended the run. */
  finish({ event: _, method, seed, best, ...figures }: MetricsLine): RunRecord {
    const { step } = (best ?? {}) as Partial<BestState>;
    return {
      method,
      seed,
      history: this.#history,
      radii: this.#radii.values,
      radiiEvery: this.#radii.every,
      learnsRadius: this.#learnsRadius,
      ...(figures as unknown as Pick<
        RunRecord,
        'steps' | 'gradientEvaluations' | 'seconds' | 'stopped' | 'failure' | 'peakMemory'
      >),
      ...(step !== undefined && { best: { step, ...this.#judged.get(step) } }),
    };
  }

  #addStep({ step, radius, lastStep }: Figures): void {
    if (typeof radius === 'number') this.#radii.add({ step: step as number, radius });
    const { radiusAfter } = lastStep as { readonly radiusAfter?: unknown };
    this.#learnsRadius ||= typeof radiusAfter === 'number';
  }

  /** Whether an epoch is known. */
  tells(epoch: number): boolean {
    return this.#history.some((record) => record.epoch === epoch);
  }

  /** Whether an epoch is not told of a run that took so many steps: its line was damaged. */
  lacksEpochs(steps: number, stoppedEarly: boolean): boolean {
    const [first] = this.#history;
    // Within its first epoch only early stopping ends a run.
    if (first === undefined) return !stoppedEarly;
    return this.#history.length < Math.floor((steps * first.epoch) / first.step);
  }

  #addEpoch(record: EpochRecord): void {
    this.#history.push(record);
    // One that was damaged is told again behind the others.
    if ((this.#history.at(-2)?.epoch ?? 0) > record.epoch) this.#history.sort((a, b) => a.epoch - b.epoch);
    const { train, validation, test } = record;
    this.#judged.set(record.step, {
      ...(train && { train }),
      ...(validation && { validation }),
      ...(test && { test }),
    });
  }

  #addEvaluation({ step, epoch: _, part, ...metrics }: Figures): void {
    const at = step as number;
    this.#judged.set(at, { ...this.#judged.get(at), [part as PartName]: metrics as unknown as Metrics });
  }
}
