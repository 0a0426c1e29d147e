import type { BestState, EpochRecord, Metrics } from '@flatmin/training';

/** rho as it stood after a step. */
export interface RadiusPoint {
  readonly step: number;
  readonly radius: number;
}

/** What is known of a finished run: plain data. */
export interface RunRecord {
  readonly method: string;
  readonly seed: number;
  readonly history: readonly EpochRecord[];
  readonly radii: readonly RadiusPoint[];
  /** True where the optimizer moved rho itself. */
  readonly learnsRadius: boolean;
  readonly steps: number;
  readonly gradientEvaluations: number;
  readonly seconds: number;
  readonly stopped: boolean;
  /** Where the model ended with its best weights: when that was, and how it did on the test part. */
  readonly best?: { readonly step: number; readonly test?: Metrics };
}

/** One line of metrics.jsonl: which run, which event, and its numbers. */
export type MetricsLine = {
  readonly event: 'step' | 'evaluation' | 'epoch' | 'end';
  readonly method: string;
  readonly seed: number;
} & Readonly<Record<string, unknown>>;

/** What the lines of metrics of one run tell, in a few numbers. */
export class RunRecordBuilder {
  readonly #history: EpochRecord[] = [];
  readonly #radii: RadiusPoint[] = [];
  /** How the model did on the test part, by step. */
  readonly #tests = new Map<number, Metrics>();
  #learnsRadius = false;

  add({ event, method: _, seed: __, ...figures }: MetricsLine): void {
    if (event === 'step') this.#addStep(figures);
    else if (event === 'epoch') this.#addEpoch(figures as unknown as EpochRecord);
    else if (event === 'evaluation' && figures['part'] === 'test') {
      this.#tests.set(figures['step'] as number, figures as unknown as Metrics);
    }
  }

  /** The record, from the line that ended the run. */
  finish({ event: _, method, seed, best, ...figures }: MetricsLine): RunRecord {
    const { step } = (best ?? {}) as Partial<BestState>;
    const test = step === undefined ? undefined : this.#tests.get(step);
    return {
      method,
      seed,
      history: this.#history,
      radii: this.#radii,
      learnsRadius: this.#learnsRadius,
      ...(figures as unknown as Pick<RunRecord, 'steps' | 'gradientEvaluations' | 'seconds' | 'stopped'>),
      ...(step !== undefined && { best: { step, ...(test && { test }) } }),
    };
  }

  #addStep({ step, radius, lastStep }: Readonly<Record<string, unknown>>): void {
    if (typeof radius === 'number') this.#radii.push({ step: step as number, radius });
    const { radiusAfter } = lastStep as { readonly radiusAfter?: unknown };
    this.#learnsRadius ||= typeof radiusAfter === 'number';
  }

  #addEpoch(record: EpochRecord): void {
    this.#history.push(record);
    if (record.test !== undefined) this.#tests.set(record.step, record.test);
  }
}
