import * as z from 'zod';
import { watchedMetric, watchedMode } from './earlyStopping.js';

/** Lowers the learning rate when a run no longer gets better. As JSON: `{ "patience": 5, "factor": 0.5 }`. */
export const plateauSchema = z.strictObject({
  metric: watchedMetric,
  mode: watchedMode,
  factor: z.number().gt(0).lt(1).default(0.1).describe('multiplies the learning rate each time'),
  patience: z
    .int()
    .min(1)
    .default(10)
    .describe('number of evaluations in a row that may bring no improvement, counted anew after each time'),
  minDelta: z.number().nonnegative().default(0).describe('smallest difference that counts as an improvement'),
  cooldown: z.int().min(0).default(0).describe('evaluations after each time that do not count'),
  minRate: z.number().nonnegative().default(0).describe('learning rate that it does not go below'),
});

export type PlateauOptions = z.input<typeof plateauSchema>;

type Patience = Pick<z.output<typeof plateauSchema>, 'patience' | 'minDelta' | 'cooldown'>;

/**
 * How often the learning rate was lowered, by the values of the evaluations so far: a function of them alone, so that a
 * run that is resumed goes on as it would have gone.
 *
 * @param sign 1 where more is better, -1 where less is.
 */
export function reductionsIn(
  values: readonly number[],
  sign: number,
  { patience, minDelta, cooldown }: Patience,
): number {
  let [best, stale, cooling, reductions] = [Number.NaN, 0, 0, 0];
  for (const value of values) {
    if (Number.isNaN(best) || sign * (value - best) > minDelta) [best, stale] = [value, 0];
    else if (cooling === 0) stale += 1;
    cooling = Math.max(0, cooling - 1);
    if (stale < patience) continue;
    [reductions, stale, cooling] = [reductions + 1, 0, cooldown];
  }
  return reductions;
}

/** The learning rate after so many reductions: not below `minRate`, but where it was below it already. */
export const reducedRate = (
  rate: number,
  reductions: number,
  { factor, minRate }: Pick<z.output<typeof plateauSchema>, 'factor' | 'minRate'>,
): number => (reductions === 0 ? rate : Math.min(rate, Math.max(minRate, rate * factor ** reductions)));
