import type { TargetScale } from '@flatmin/core/plugin';
import * as z from 'zod';
import { Moments } from './moments.js';
import type { Labels, LabelledSource } from '../source/labelledSource.js';
import type { Parts } from './parts.js';

/** What the plugins of data sets that may be regressions share. */
export const regressionSchema = {
  standardizeTargets: z
    .boolean()
    .default(true)
    .describe(
      'Only for regression: targets are (target - mean) / deviation, both of train; metrics are in the unit of the data.',
    ),
};

/** The options of {@link regressionSchema} as they are given. */
export type RegressionChoice = z.input<z.ZodObject<typeof regressionSchema>>;

/**
 * Parts whose targets have mean 0 and deviation 1 in train, and how to undo it. Computed in float64, rounded to float32
 * last.
 */
export function standardizedTargets<R, L extends Labels>(
  parts: Parts<LabelledSource<R, L>>,
): { readonly parts: Parts<LabelledSource<R, Float32Array>>; readonly targetScale: TargetScale } {
  const moments = new Moments();
  for (const target of parts.train.labels) moments.add(target);
  const { mean, deviation } = moments;
  // Targets that are all the same have no deviation to divide by.
  const targetScale = { mean, deviation: deviation || 1 };
  const scaled = (part: LabelledSource<R, L>): LabelledSource<R, Float32Array> => ({
    ...part,
    labels: Float32Array.from(part.labels, (target) => (target - mean) / targetScale.deviation),
  });
  return {
    parts: { train: scaled(parts.train), validation: scaled(parts.validation), test: scaled(parts.test) },
    targetScale,
  };
}
