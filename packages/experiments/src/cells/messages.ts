import type { RunConfig } from '../config/runConfig.js';
import type { PluginRequest } from '../plugins/loadPlugin.js';
import type { RunRecord } from '../run/runRecord.js';

/** From the parent to a process that trains. */
export type CellRequest =
  | { readonly kind: 'open'; readonly backend: string; readonly requests: readonly PluginRequest[] }
  | { readonly kind: 'run'; readonly folder: string; readonly config: RunConfig }
  /** Asks which cell a config is here, with the data that is here. It may come from another machine. */
  | { readonly kind: 'identify'; readonly config: unknown; readonly version: string; readonly threads: number }
  /** Ends the run at its next step, with a checkpoint. */
  | { readonly kind: 'stop' };

/** How a run goes, as far as a line can show it. */
export interface CellProgress {
  readonly step: number;
  readonly totalSteps: number;
  readonly gradientEvaluations: number;
  /** Null before the first one was read back. */
  readonly loss: number | null;
  readonly radius: number | null;
  /** What it does, in words, while it takes no steps. */
  readonly doing?: string;
}

/** From the process to its parent: one of these, but for the first two, for each request but `stop`. */
export type CellReply =
  | { readonly kind: 'progress'; readonly progress: CellProgress }
  /** A checkpoint has been written. */
  | { readonly kind: 'checkpoint' }
  | { readonly kind: 'opened'; readonly backend: string; readonly version: string }
  /** As `cellId` and `dataPrint` tell it. */
  | { readonly kind: 'identified'; readonly id: string; readonly data: string }
  /** Without a record where the run was stopped. */
  | { readonly kind: 'ended'; readonly record?: RunRecord }
  /** Another process has the folder. */
  | { readonly kind: 'busy' }
  | {
      readonly kind: 'failed';
      readonly message: string;
      /** Of an error that says all in its message. */
      readonly code?: string;
      readonly stack?: string;
    };
