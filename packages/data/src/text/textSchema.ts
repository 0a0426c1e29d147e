import * as z from 'zod';
import { bagWeights } from './bagOfWords.js';

export const textEncodings = ['bag', 'ids'] as const;

/** Values of the options that are not given. */
export const textDefaults = {
  encoding: 'bag',
  weight: 'tf-idf',
  vocabularySize: 10_000,
  minCount: 1,
  length: 128,
  lengthMultiple: 8,
} as const;

/** The size of a vocabulary; what the plugins of text share. */
export const vocabularySchema = {
  vocabularySize: z
    .int()
    .min(5)
    .default(textDefaults.vocabularySize)
    .describe('Number of ids, including the four special ones; the most frequent words of train get one.'),
  minCount: z
    .int()
    .min(1)
    .default(textDefaults.minCount)
    .describe('Words that occur less often than this in train have no id of their own.'),
};

/** What the plugins of texts with a label share beside the split; spread it in a `z.strictObject`. */
export const textSchema = {
  encoding: z
    .enum(textEncodings)
    .default(textDefaults.encoding)
    .describe('bag: x float32, a value for each word; ids: x int32 [length], the ids of the words in order.'),
  weight: z
    .enum(bagWeights)
    .default(textDefaults.weight)
    .describe('The value of a word in a bag: tf-idf, count, or binary. Ids have no weight.'),
  ...vocabularySchema,
  length: z
    .int()
    .min(4)
    .default(textDefaults.length)
    .describe('Number of ids of an example: longer texts are cut, shorter ones are padded. Bags have no length.'),
};

/** What the plugins of pairs of sequences share. */
export const pairSchema = {
  lengthMultiple: z
    .int()
    .min(1)
    .default(textDefaults.lengthMultiple)
    .describe(
      'Sources and targets are padded to a multiple of this, so that few lengths of batches, and few graphs, are needed.',
    ),
};

/** The options of {@link pairSchema} as they are given. */
export type PairChoice = z.input<z.ZodObject<typeof pairSchema>>;

/** The options of {@link textSchema} as they are given. */
export type TextChoice = z.input<z.ZodObject<typeof textSchema>>;

/** The options of {@link vocabularySchema} as they are given. */
export type VocabularyChoice = z.input<z.ZodObject<typeof vocabularySchema>>;
