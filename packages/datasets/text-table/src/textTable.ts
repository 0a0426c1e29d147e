import { definePlugin, FlatminError } from '@flatmin/core';
import {
  type LabelledDataSet,
  labelledDataSet,
  type LabelledSource,
  type Labels,
  mapRecords,
  noisyParts,
  type Parts,
  type RegressionChoice,
  regressionSchema,
  type SizeChoice,
  sizeSchema,
  spaced,
  type SplitChoice,
  splitExamples,
  splitSchema,
  type TextChoice,
  textDataSet,
  textSchema,
  words,
} from '@flatmin/data';
import type { RowFormat } from '@flatmin/data/node';
import * as z from 'zod';
import type { Tables, UsedCells } from './readTables.js';
import { tablesIn } from './tableFiles.js';

const defaults = {
  task: 'classification',
  label: 'label',
  tokens: 'words',
  lowerCase: true,
  standardize: true,
  testFraction: 0.1,
  memory: 2 ** 28,
} as const;

const name = z.string().min(1);
const schema = z.strictObject({
  dir: name.describe('Folder of the files.'),
  files: z
    .strictObject({ train: name, validation: name.exactOptional(), test: name.exactOptional() })
    .optional()
    .describe('Names of the files; without, train, dev (valid, validation) and test, or the only table there is.'),
  format: z.enum(['csv', 'tsv', 'jsonl']).optional().describe("Format of the files; by their names' endings without."),
  header: z.boolean().optional().describe('The first row names the columns; else they are "0", "1", ... Default true.'),
  quote: z.boolean().optional().describe('Cells may stand in double quotes; default: CSV true, TSV false.'),
  task: z
    .enum(['classification', 'regression'])
    .default(defaults.task)
    .describe('What the label is: a class or a number.'),
  label: name.default(defaults.label).describe('Column of the label.'),
  text: z
    .union([name, z.array(name).min(1)])
    .optional()
    .describe(
      'Column of the text, or several: the two of a pair. Without `features`, the column "text" where there is one.',
    ),
  features: z
    .array(name)
    .min(1)
    .optional()
    .describe('Columns of numbers. Without `text`, and where no column is named so, all but the label.'),
  standardize: z
    .boolean()
    .default(defaults.standardize)
    .describe('(x - mean) / deviation of each column of numbers, both of train.'),
  ...regressionSchema,
  tokens: z
    .enum(['words', 'spaced'])
    .default(defaults.tokens)
    .describe('words: words and marks are found; spaced: what stands between spaces, for text that is tokenized.'),
  lowerCase: z.boolean().default(defaults.lowerCase).describe('Text is lower-cased.'),
  ...textSchema,
  testFraction: z
    .number()
    .min(0)
    .lt(1)
    .default(defaults.testFraction)
    .describe('Fraction held out for test, drawn by seed, where no file is for test.'),
  ...splitSchema,
  ...sizeSchema,
  memory: z
    .int()
    .min(0)
    .default(defaults.memory)
    .describe('Bytes up to which a file is kept in memory; of a larger one the rows are read as they are used.'),
});

export interface TextTableOptions extends SplitChoice, SizeChoice, TextChoice, RegressionChoice {
  readonly dir: string;
  readonly files?: { readonly train: string; readonly validation?: string; readonly test?: string } | undefined;
  readonly format?: RowFormat | undefined;
  readonly header?: boolean | undefined;
  readonly quote?: boolean | undefined;
  readonly task?: 'classification' | 'regression' | undefined;
  readonly label?: string | undefined;
  readonly text?: string | readonly string[] | undefined;
  readonly features?: readonly string[] | undefined;
  readonly standardize?: boolean | undefined;
  readonly tokens?: 'words' | 'spaced' | undefined;
  readonly lowerCase?: boolean | undefined;
  readonly testFraction?: number | undefined;
  readonly memory?: number | undefined;
}

/**
 * Tables of text or numbers with a label in each row: CSV (RFC 4180), tab-separated values and JSON lines, raw or gzip, in UTF-8.
 *
 * - text: x float32 [batch, words] (bags) or int32 [batch, length] (ids), see `textDataSet` of @flatmin/data;
 * - numbers: x float32 [batch, columns], standardized.
 * - y int32 [batch] of a classification, whose classes are the labels of the train file, sorted; float32 [batch] of a regression.
 *
 * A row is found by its place in the file: in memory are 16 bytes a row, the vocabulary, and the file where `memory` allows it; so
 * files may be larger than memory, and any shuffle is one of all rows. Every row is checked before the first is used. For Node.js.
 *
 * @param options.dir folder of the files; `options.files` their names where they are no train, dev and test.
 * @param options.text columns of text; `options.label` is that of the label.
 * @param options.features columns of numbers.
 * @param options.testFraction of a table without a file for test; `options.validation` of one without a file for validation.
 * @throws FlatminError DATA_FILE_MISSING where files are not there, DATA_FILE_INVALID where one is broken (file, offset, remedy),
 *   SPEC_INVALID for text and features at once, and for label noise of a regression.
 * @example
 * ```ts
 * const data = await textTable({ dir: 'reviews', text: 'review', label: 'stars', weight: 'binary' });
 * ```
 */
export async function textTable(options: TextTableOptions): Promise<LabelledDataSet> {
  const { dir, format, header, quote, memory = defaults.memory } = options;
  const { task = defaults.task, standardize = defaults.standardize } = options;
  if (options.text && options.features) refuse('text and features are both given. Give one of them.');
  if (task === 'regression' && options.labelNoise) refuse('label noise is for classes. Leave labelNoise out.');
  // Loaded when used: the rest of the package runs where there are no files.
  const { missingFile, openFolder } = await import('@flatmin/data/node');
  const { readTables } = await import('./readTables.js');
  const { numberEncoding, numbersOf } = await import('./numbers.js');
  const folder = await openFolder(dir);
  const files =
    options.files ??
    tablesIn(await folder.names()) ??
    missingFile(dir, 'it has no train.csv, .tsv or .jsonl, nor a single table', 'Give the names as `files`.');
  let used: UsedColumns | undefined;
  const columnsOf = (_: string, columns: readonly string[]) => (used ??= usedColumns(options, columns)).names;
  const tables = await readTables(folder, files, {
    format,
    header,
    quote,
    memory,
    task,
    label: options.label ?? defaults.label,
    columns: columnsOf,
    check: (row) => void (used?.kind === 'features' && numbersOf(row, used.names)),
  });
  const { names, kind } = used as unknown as UsedColumns;
  const parts = partsOf(tables, options);
  const common = {
    id: 'text-table',
    target: tables.classNames
      ? { classes: tables.classNames.length, classNames: tables.classNames }
      : ('regression' as const),
    standardizeTargets: options.standardizeTargets ?? true,
  };
  if (kind === 'features') {
    const encoding = await numberEncoding(parts.train, names, standardize);
    return labelledDataSet({ ...common, parts, encoding, featureNames: names });
  }
  return textDataSet({ ...common, parts: tokenized(parts, options), choice: options });
}

interface UsedColumns {
  readonly kind: 'text' | 'features';
  readonly names: readonly string[];
}

function usedColumns(
  { text, features, label = defaults.label }: TextTableOptions,
  columns: readonly string[],
): UsedColumns {
  if (features) return { kind: 'features', names: features };
  if (text) return { kind: 'text', names: typeof text === 'string' ? [text] : text };
  if (columns.includes('text')) return { kind: 'text', names: ['text'] };
  return { kind: 'features', names: columns.filter((column) => column !== label) };
}

function partsOf({ sources, classNames }: Tables, options: TextTableOptions): Parts<LabelledSource<UsedCells, Labels>> {
  const { testFraction = defaults.testFraction } = options;
  const parts = splitExamples({ ...sources, testFraction, choice: options });
  if (!classNames) return parts;
  return noisyParts(parts as Parts<LabelledSource<UsedCells>>, classNames.length, options);
}

function tokenized(
  parts: Parts<LabelledSource<UsedCells, Labels>>,
  { tokens = defaults.tokens, lowerCase = defaults.lowerCase }: TextTableOptions,
) {
  const split = (text: string): string[] =>
    tokens === 'words' ? words(text, { lowerCase }) : spaced(lowerCase ? text.toLowerCase() : text);
  const part = (source: LabelledSource<UsedCells, Labels>) => ({
    ...mapRecords(source, ({ cells }) => cells.map(split)),
    labels: source.labels,
  });
  return { train: part(parts.train), validation: part(parts.validation), test: part(parts.test) };
}

function refuse(what: string): never {
  throw new FlatminError('SPEC_INVALID', `text-table: ${what}`);
}

/** The plugin: `{ use: 'text-table', dir: 'reviews', text: 'review', label: 'stars' }`. */
export const textTablePlugin = definePlugin({
  kind: 'dataset',
  id: 'text-table',
  apiVersion: 1,
  description: 'Tables of text or numbers with a label a row: CSV, TSV and JSON lines.',
  options: schema,
  detect: (names) => (tablesIn(names) ? {} : undefined),
  create: (options) => textTable(options),
});
