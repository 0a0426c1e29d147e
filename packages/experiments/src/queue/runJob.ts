import { FlatminError } from '@flatmin/core';
import * as z from 'zod';
import type { CellProgress } from '../cells/messages.js';

/**
 * A run as the queue has it, under the id of its cell. It is data: a worker that takes it loads no code for it, checks
 * all of it, and writes nowhere but into folders of its own.
 */
export const runJobSchema = z.object({
  /** What people call it. */
  name: z.string(),
  /** As a run folder has it, without plugins. The worker's process checks it as it does a config file. */
  config: z.record(z.string(), z.unknown()),
  /** What the numbers depend on, which have to be the same where it is run. */
  version: z.string(),
  backend: z.string(),
  threads: z.int().min(1),
  /** As `dataPrint` tells it. */
  data: z.string(),
  /** Plugins that its specs may name, as `printOfPlugin` tells them. */
  plugins: z.array(z.string()),
  /** Where its files go. */
  storage: z.enum(['redis', 'folder']),
  /** Why workers would not take it, by their names. */
  refusals: z.record(z.string(), z.string()).default({}),
  /** How often it was put back for another worker. */
  putBack: z.int().min(0).default(0),
});

export type RunJob = z.output<typeof runJobSchema>;

/** What a job tells while it is worked on. */
export type RunNews =
  | { readonly kind: 'progress'; readonly progress: CellProgress }
  | { readonly kind: 'refused'; readonly worker: string; readonly reason: string };

/**
 * The name of a job. Of a cell's id alone it could be a number, which BullMQ takes for one of its own.
 */
export const jobIdOf = (cell: string): string => `cell-${cell}`;

/** The id of a job's cell; undefined for jobs of something else. */
export const cellOfJob = (job: string | undefined): string | undefined => /^cell-([0-9a-f]{16})$/.exec(job ?? '')?.[1];

/** @throws FlatminError SPEC_INVALID for what no `flatmin compare` put into the queue. */
export function readRunJob(id: string | undefined, data: unknown): RunJob & { readonly cell: string } {
  const cell = cellOfJob(id);
  const { data: job } = runJobSchema.safeParse(data);
  if (cell !== undefined && job !== undefined) return { ...job, cell };
  throw new FlatminError(
    'SPEC_INVALID',
    `the job ${id ?? ''} is not a run of flatmin compare. Use a Redis database only for flatmin: redis://host/1.`,
  );
}
