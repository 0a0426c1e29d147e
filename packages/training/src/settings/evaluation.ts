import type { PartName } from '@flatmin/data';
import * as z from 'zod';

const count = z.int().min(1);
const parts = z.array(z.enum(['train', 'validation', 'test']));

/** What and how often a run is judged. As JSON: `{ "parts": ["test"], "every": 5 }`. */
export interface EvaluateOptions {
  /** Judged at the end of an epoch, and always of the last. Default: all three. */
  readonly parts?: readonly PartName[] | undefined;
  /** Every so many epochs; default 1. */
  readonly every?: number | undefined;
  /** Every so many steps too; default: only at the end of epochs. */
  readonly everySteps?: number | undefined;
  /** Examples a forward pass; default 500. */
  readonly batchSize?: number | undefined;
  /**
   * Batches of the training part that statistics, such as those of batch normalization, are estimated on where an
   * optimizer evaluates by other weights than those that train; default 50, that of schedule-free optimizers.
   */
  readonly statisticsBatches?: number | undefined;
  /**
   * Sequence to sequence: parts whose targets the model also generates where the end of an epoch is judged:
   * `scores.bleu` and `scores.exactMatch`. It costs a search for each source; default: none.
   */
  readonly generate?: readonly PartName[] | undefined;
}

/** What is not given. It is filled in where it is used, since what was given is part of what makes a run that run. */
export const evaluateDefaults = {
  parts: ['train', 'validation', 'test'],
  every: 1,
  batchSize: 500,
  statisticsBatches: 50,
} as const;

export const evaluateSchema = z.strictObject({
  parts: parts.optional().describe('parts to evaluate; default: all three'),
  every: count
    .optional()
    .describe(`epochs between two evaluations; default ${evaluateDefaults.every}; the last epoch is always evaluated`),
  everySteps: count.optional().describe('steps between two evaluations within an epoch; default: none'),
  batchSize: count.optional().describe(`examples in a forward pass; default ${evaluateDefaults.batchSize}`),
  statisticsBatches: count
    .optional()
    .describe(
      `training batches to estimate statistics on, such as those of batch normalization, where the optimizer evaluates by other weights than those that train; default ${evaluateDefaults.statisticsBatches}`,
    ),
  generate: parts
    .optional()
    .describe(
      'parts for which a sequence-to-sequence model also generates the targets at the end of an epoch: BLEU, exact match',
    ),
});
