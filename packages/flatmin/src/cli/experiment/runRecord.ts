import type { EpochRecord } from '@flatmin/training';

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
}

/** One line of metrics.jsonl: which run, which event, and its numbers. */
export type MetricsLine = {
  readonly event: 'step' | 'epoch' | 'end';
  readonly method: string;
  readonly seed: number;
} & Readonly<Record<string, unknown>>;
