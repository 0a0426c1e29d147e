import type { Experiment, MetricsLine, RunRecord } from '@flatmin/experiments/internal';

/** From the parent to a worker process. */
export type Request =
  { readonly kind: 'load'; readonly backend: string } | { readonly kind: 'run'; readonly experiment: Experiment };

/** From a worker to its parent: one `done` or `failed` for each request, and what comes before it. */
export type Reply =
  | { readonly kind: 'metrics'; readonly line: MetricsLine }
  | { readonly kind: 'steps'; readonly done: number; readonly total: number }
  | { readonly kind: 'done'; readonly value: ReplyValue }
  | {
      readonly kind: 'failed';
      readonly message: string;
      /** Of an error that says all in its message. */
      readonly code?: string;
      readonly stack?: string;
    };

/** What `done` carries: the loaded backend, or the finished run. */
export type ReplyValue = LoadedInWorker | RunRecord;

export interface LoadedInWorker {
  readonly backend: string;
  readonly version: string;
}
