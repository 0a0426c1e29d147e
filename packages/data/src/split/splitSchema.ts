import * as z from 'zod';
import { type LabelNoise, labelNoiseKinds } from './labelNoise.js';

/** Values of the options that are not given, in code as in specs. */
export const splitDefaults = { validation: 0.1, seed: 0, kind: 'symmetric' } as const;

/** What the plugins of data sets with an official test part share; spread it in a `z.strictObject`. */
export const splitSchema = {
  validation: z
    .number()
    .min(0)
    .lt(1)
    .default(splitDefaults.validation)
    .describe('Fraction of the official training rows held out for validation, drawn by seed.'),
  seed: z
    .int()
    .min(0)
    .default(splitDefaults.seed)
    .describe('Seed of the validation split, and of the label noise if that has no seed.'),
  labelNoise: z
    .strictObject({
      kind: z
        .enum(labelNoiseKinds)
        .default(splitDefaults.kind)
        .describe('symmetric: a uniformly chosen other class; pair-flip: class c becomes (c + 1) mod classes.'),
      rate: z
        .number()
        .min(0)
        .max(1)
        .describe('Fraction of wrong labels: exactly round(rate * n) of the n labels of a part.'),
      seed: z.int().min(0).optional().describe("Seed of the noise; default: the data set's seed."),
    })
    .optional()
    .describe('Wrong labels in train and validation; test stays clean. Default: none.'),
};

/** What the plugins of data sets that may be large share in addition to {@link splitSchema}. */
export const sizeSchema = {
  train: z
    .int()
    .min(1)
    .optional()
    .describe('Number of examples of the train part, drawn by seed; default: all. Validation shrinks in proportion.'),
  test: z.int().min(1).optional().describe('Number of examples of the test part, drawn by seed; default: all.'),
};

/** The options of {@link sizeSchema} as they are given. */
export type SizeChoice = z.input<z.ZodObject<typeof sizeSchema>>;

/** The options of {@link splitSchema} as they are given. */
export type SplitChoice = z.input<z.ZodObject<typeof splitSchema>>;

/** The noise of the options, with their splitDefaults. */
export function noiseOf(choice: NonNullable<SplitChoice['labelNoise']>, seed: number = splitDefaults.seed): LabelNoise {
  return { kind: choice.kind ?? splitDefaults.kind, rate: choice.rate, seed: choice.seed ?? seed };
}
