import { z } from 'zod';
import { arrayDataSet, type ArrayDataSet } from './arrayPart.js';
import { labelNoiseKinds, noisySplit } from './labelNoise.js';
import { splitBySeed } from './split.js';
import type { Table } from './table.js';

/** Values of the options that are not given, in code as in specs. */
const defaults = { validation: 0.1, seed: 0, kind: 'symmetric' } as const;

/** What the plugins of data sets with an official test part share; spread it in a `z.strictObject`. */
export const splitSchema = {
  validation: z
    .number()
    .min(0)
    .lt(1)
    .default(defaults.validation)
    .describe('Fraction of the official training rows held out for validation, drawn by seed.'),
  seed: z
    .int()
    .min(0)
    .default(defaults.seed)
    .describe('Seed of the validation split, and of the label noise where that has none.'),
  labelNoise: z
    .strictObject({
      kind: z
        .enum(labelNoiseKinds)
        .default(defaults.kind)
        .describe('symmetric: a uniformly chosen other class; pair-flip: class c becomes (c + 1) mod classes.'),
      rate: z.number().min(0).max(1).describe('Fraction of wrong labels: exactly round(rate * n) of the n of a part.'),
      seed: z.int().min(0).optional().describe("Seed of the noise; the data set's seed without."),
    })
    .optional()
    .describe('Wrong labels in train and validation; test stays clean. None without.'),
};

/** The options of {@link splitSchema} as they are given. */
export type SplitChoice = z.input<z.ZodObject<typeof splitSchema>>;

/**
 * The data set of official training and test rows under the shared options: validation is held out of the training rows
 * by seed, then train and validation get the label noise; the test rows stay as they are, in their order.
 *
 * @throws FlatminError DATA_INVALID as {@link splitBySeed} and `labelNoise` do.
 * @example
 * ```ts
 * const data = officialDataSet('mine', trainRows, testRows, { labelNoise: { rate: 0.4 } });
 * ```
 */
export function officialDataSet(id: string, train: Table, test: Table, choice: SplitChoice = {}): ArrayDataSet {
  const { validation = defaults.validation, seed = defaults.seed, labelNoise } = choice;
  const split = splitBySeed(train, { validation, test, seed });
  if (labelNoise === undefined) return arrayDataSet(id, split);
  const { kind = defaults.kind, rate, seed: noiseSeed = seed } = labelNoise;
  return arrayDataSet(id, noisySplit(split, { kind, rate, seed: noiseSeed }));
}
