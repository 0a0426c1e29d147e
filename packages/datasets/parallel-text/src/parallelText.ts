import { FlatminError } from '@flatmin/core';
import { definePlugin, type SequencePairDataSet } from '@flatmin/core/plugin';
import {
  arraySource,
  mapRecords,
  type PairChoice,
  pairSchema,
  type RecordSource,
  sequencePairDataSet,
  type SizeChoice,
  sizeSchema,
  spaced,
  type SplitChoice,
  splitExamples,
  splitSchema,
  textDefaults,
  type TokenPair,
  type VocabularyChoice,
  vocabularySchema,
  words,
} from '@flatmin/data';
import type { DataFolder } from '@flatmin/data/node';
import * as z from 'zod';
import { detect, languagesIn, type PairNames, type PairPart, pairsIn } from './pairNames.js';

const defaults = { subwords: 'join', lowerCase: true, maxLength: 175, testFraction: 0.1, memory: 2 ** 28 } as const;

const pairOfFiles = z.tuple([z.string().min(1), z.string().min(1)]);
const language = z.string().regex(/^[\w-]+$/);
const schema = z.strictObject({
  set: z.literal('ding').optional().describe("The sentences of Debian's package trans-de-en, German to English."),
  dir: z
    .string()
    .min(1)
    .optional()
    .describe('Folder with train, valid and test, two files each; not needed for a set that a package installed.'),
  source: language
    .optional()
    .describe('Ending of the names of the source files, such as "de"; default: the first of the two.'),
  target: language
    .optional()
    .describe('Ending of the names of the target files, such as "en"; default: the second of the two.'),
  files: z
    .strictObject({ train: pairOfFiles, validation: pairOfFiles.optional(), test: pairOfFiles.optional() })
    .optional()
    .describe('Names of the files of each part, [source, target]; default: found by their names.'),
  subwords: z
    .enum(['join', 'keep'])
    .default(defaults.subwords)
    .describe('join: undoes "@@ " of subword-nmt, so that tokens are words; keep: tokens are the subwords.'),
  tokens: z
    .enum(['spaced', 'words'])
    .optional()
    .describe(
      'spaced: text is already tokenized by spaces; words: splits text into words and punctuation. Default: words for ding, otherwise spaced.',
    ),
  lowerCase: z.boolean().default(defaults.lowerCase).describe('Converts text to lower case.'),
  maxLength: z
    .int()
    .min(1)
    .default(defaults.maxLength)
    .describe(
      'Pairs with more tokens on a side, or with none, are left out of train and validation; test stays complete.',
    ),
  ...vocabularySchema,
  ...pairSchema,
  testFraction: z
    .number()
    .gt(0)
    .lt(1)
    .default(defaults.testFraction)
    .describe('Fraction held out for test, drawn by seed, if there are no test files.'),
  validation: splitSchema.validation,
  seed: splitSchema.seed,
  ...sizeSchema,
  memory: z
    .int()
    .min(0)
    .default(defaults.memory)
    .describe('Size in bytes up to which a file is kept in memory; lines of a larger file are read as they are used.'),
});

export interface ParallelTextOptions
  extends Pick<SplitChoice, 'validation' | 'seed'>, SizeChoice, VocabularyChoice, PairChoice {
  readonly set?: 'ding' | undefined;
  readonly dir?: string | undefined;
  readonly source?: string | undefined;
  readonly target?: string | undefined;
  readonly files?:
    | {
        readonly train: readonly [source: string, target: string];
        readonly validation?: readonly [source: string, target: string] | undefined;
        readonly test?: readonly [source: string, target: string] | undefined;
      }
    | undefined;
  readonly subwords?: 'join' | 'keep' | undefined;
  readonly tokens?: 'spaced' | 'words' | undefined;
  readonly lowerCase?: boolean | undefined;
  readonly maxLength?: number | undefined;
  readonly testFraction?: number | undefined;
  readonly memory?: number | undefined;
}

/**
 * Sentences and their translations: x int32 [batch, longest source], y int32 [batch, longest target + 2] between
 * `begin` (1) and `end` (2), both padded (0) to the longest of the batch, rounded up to a multiple of 8
 * (`lengthMultiple`).
 *
 * Reads `train.de` and `train.en`, `valid.*` and `test.*`, raw or gzip, in which lines with the same number belong
 * together, as fairseq prepares IWSLT'14; and whole sentences of the Ding dictionary (`set: 'ding'`). In memory: some
 * 30 bytes per pair, the vocabularies of train, and each file of up to `memory` bytes; for ding, all sentences. For
 * Node.js.
 *
 * @param options.dir folder of the files; `options.source` and `options.target` are the endings of their names.
 * @param options.files names of the files of each part, `[source, target]`, if they have other names.
 * @param options.subwords `'join'` (default) undoes `@@ `, `'keep'` leaves the subwords of fairseq's preparation.
 * @param options.validation fraction held out by `options.seed` if there are no files for it.
 * @param options.testFraction likewise.
 * @throws FlatminError DATA_FILE_MISSING if files are missing, DATA_FILE_INVALID if one is broken or has another number
 *   of lines (file, offset, remedy), SPEC_INVALID without dir and set.
 * @example
 * ```ts
 * const data = await parallelText({ dir: 'iwslt14.tokenized.de-en', source: 'de', target: 'en', subwords: 'keep' });
 * ```
 */
export async function parallelText(options: ParallelTextOptions): Promise<SequencePairDataSet> {
  const { dir, set, testFraction = defaults.testFraction } = options;
  if (dir === undefined && set === undefined) {
    throw new FlatminError(
      'SPEC_INVALID',
      'parallel-text: neither dir nor set is given. Give the folder of the files as `dir`, or `set: "ding"` if it is installed.',
    );
  }
  // Loaded when used: the rest of the package runs where there are no files.
  const { installedFolder, openFolder } = await import('@flatmin/data/node');
  const ding = {
    name: 'trans-de-en',
    folders: ['/usr/share/trans'],
    install: 'On Debian and Ubuntu: apt-get install trans-de-en.',
  };
  const folder = dir === undefined ? await installedFolder(ding, import.meta.url) : await openFolder(dir);
  const sources = set === 'ding' ? await dingSource(folder, options) : await fileSources(folder, options);
  const { vocabularySize: size = textDefaults.vocabularySize, minCount = textDefaults.minCount } = options;
  return sequencePairDataSet({
    id: set ?? 'parallel-text',
    parts: splitExamples({ ...sources, testFraction, choice: options }),
    vocabulary: { size, minCount },
    lengthMultiple: options.lengthMultiple,
  });
}

type Sources = { readonly train: RecordSource<TokenPair> } & Partial<Record<PairPart, RecordSource<TokenPair>>>;

async function dingSource(folder: DataFolder, options: ParallelTextOptions): Promise<Sources> {
  const { readDing } = await import('./readDing.js');
  const { maxLength = defaults.maxLength } = options;
  const tokens = tokenizer({ tokens: 'words', ...options });
  const pairs = (await readDing(folder)).filter((pair) => pair.every((text) => tokens(text).length <= maxLength));
  return { train: mapRecords(arraySource(pairs), ([from, to]) => ({ source: tokens(from), target: tokens(to) })) };
}

async function fileSources(folder: DataFolder, options: ParallelTextOptions): Promise<Sources> {
  const { readPairs } = await import('./readPairs.js');
  const { maxLength = defaults.maxLength, memory = defaults.memory } = options;
  const { train, ...others } = await filesOf(folder, options);
  const tokens = tokenizer(options);
  const read = (files: PairNames, most?: number) => readPairs(folder, files, { tokens, maxLength: most, memory });
  return {
    train: await read(train, maxLength),
    ...(others.validation && { validation: await read(others.validation, maxLength) }),
    ...(others.test && { test: await read(others.test) }),
  };
}

type PartFiles = { readonly train: PairNames } & Partial<Readonly<Record<PairPart, PairNames>>>;

/** The files of each part: those that were named, else those that their names tell. */
async function filesOf(folder: DataFolder, options: ParallelTextOptions): Promise<PartFiles> {
  const { files } = options;
  if (files !== undefined) {
    const [train, validation, test] = [files.train, files.validation, files.test].map(
      (pair) => pair && { source: pair[0], target: pair[1] },
    );
    return { train: train as PairNames, ...(validation && { validation }), ...(test && { test }) };
  }
  const { missingFile } = await import('@flatmin/data/node');
  const all = await folder.names();
  const languages = languagesIn(all);
  const known = languages.length === 2 ? languages : [];
  const names: PairNames = { source: options.source ?? known[0] ?? '', target: options.target ?? known[1] ?? '' };
  const { train, ...others } = pairsIn(all, names);
  if (names.source === '' || names.target === '' || names.source === names.target || train === undefined) {
    const found = languages.length > 0 ? `train.${languages.join(', train.')}` : 'none';
    return missingFile(
      `${folder.path}/train.${names.source || 'SOURCE'}`,
      `cannot be found; the files of train are: ${found}`,
      'Give the endings of the names as `source` and `target`, or the names as `files`.',
    );
  }
  return { train, ...others };
}

function tokenizer(options: ParallelTextOptions): (text: string) => readonly string[] {
  const { subwords = defaults.subwords, tokens = 'spaced', lowerCase = defaults.lowerCase } = options;
  return (line) => {
    const text = subwords === 'join' ? line.replace(subwordEnd, '') : line;
    return tokens === 'words' ? words(text, { lowerCase }) : spaced(lowerCase ? text.toLowerCase() : text);
  };
}

/** Where subword-nmt has cut a word: fairseq undoes it by `s/(@@ )|(@@ ?$)//g`. */
const subwordEnd = /@@ |@@ ?$/g;

/** The plugin: `{ use: 'parallel-text', dir: 'iwslt14.tokenized.de-en', source: 'de', target: 'en' }`. */
export const parallelTextPlugin = definePlugin({
  kind: 'dataset',
  id: 'parallel-text',
  apiVersion: 1,
  description: "Parallel text: fairseq's IWSLT'14, any two files of lines, Debian's trans-de-en.",
  options: schema,
  detect,
  example: { options: { dir: 'data/iwslt14' }, model: { use: 'transformer' }, base: { use: 'adamw' } },
  create: (options) => parallelText(options),
});
