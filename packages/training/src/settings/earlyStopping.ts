import * as z from 'zod';

/** The metric of an evaluation that a run is steered by. */
export const watchedMetric = z
  .string()
  .regex(
    /^(train|validation)\.\w+$/,
    'must be train.<metric> or validation.<metric>: nothing is chosen on the test part',
  )
  .default('validation.loss')
  .describe(
    'the metric to watch: train or validation, a dot, and a metric or score of the evaluation, such as loss or accuracy',
  );

/** Which values of it are the better ones. */
export const watchedMode = z
  .enum(['min', 'max'])
  .optional()
  .describe('whether smaller or larger is better; default: min for a loss, an error and perplexity, otherwise max');

/** When to stop a run that no longer gets better. As JSON: `{ "patience": 3 }`. */
export const earlyStoppingSchema = z.strictObject({
  metric: watchedMetric,
  mode: watchedMode,
  patience: z.int().min(1).default(5).describe('number of evaluations in a row that may bring no improvement'),
  minDelta: z.number().nonnegative().default(0).describe('smallest difference that counts as an improvement'),
  restoreBest: z.boolean().default(true).describe('whether the model ends with its best weights or with its last'),
});

export type EarlyStoppingOptions = z.input<typeof earlyStoppingSchema>;

/** Whether less or more of a metric is better, by its name: less of a loss, an error and perplexity, else more. */
export function modeOf(metric: string): 'min' | 'max' {
  return /loss|error|perplexity/i.test(metric) ? 'min' : 'max';
}

/** 1 where more of a metric is better, -1 where less is. */
export const signOf = ({
  metric,
  mode,
}: {
  readonly metric: string;
  readonly mode?: 'min' | 'max' | undefined;
}): number => ((mode ?? modeOf(metric)) === 'max' ? 1 : -1);
