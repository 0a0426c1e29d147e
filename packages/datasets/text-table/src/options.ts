import {
  type RegressionChoice,
  regressionSchema,
  type SizeChoice,
  sizeSchema,
  type SplitChoice,
  splitSchema,
  type TextChoice,
  textSchema,
} from '@flatmin/data';
import type { RowFormat } from '@flatmin/data/node';
import * as z from 'zod';
import type { ColumnKind } from './columnProfile.js';

/** Values of the options that are not given. */
export const defaults = {
  delimiter: 'auto',
  decimal: '.',
  missing: ['NA', 'N/A', 'NaN', 'nan', 'null', 'NULL', 'None', '?'],
  task: 'classification',
  label: 'label',
  unlabelled: 'refuse',
  tokens: 'words',
  lowerCase: true,
  standardize: true,
  testFraction: 0.1,
  memory: 2 ** 28,
} as const;

const name = z.string().min(1);

export const schema = z
  .strictObject({
    dir: name.optional().describe('Folder of the files; or give `file`.'),
    file: name
      .optional()
      .describe('A single table, split by seed into train, validation (`validation`) and test (`testFraction`).'),
    files: z
      .strictObject({ train: name, validation: name.exactOptional(), test: name.exactOptional() })
      .optional()
      .describe('Names in `dir`; default: train, dev (valid, validation) and test, or the only table.'),
    format: z.enum(['csv', 'tsv', 'jsonl']).optional().describe('Format of the files; default: by the file extension.'),
    header: z
      .boolean()
      .optional()
      .describe('Whether the first row names the columns; otherwise they are "0", "1", ... Default: true.'),
    quote: z
      .boolean()
      .optional()
      .describe('Whether cells may be in double quotes; default: true for CSV, false for TSV.'),
    delimiter: z
      .union([z.literal('auto'), z.string().regex(/^[^"\r\n]$/)])
      .default(defaults.delimiter)
      .describe(
        'The character that separates the cells of CSV; auto: comma, semicolon, tab or bar, found from the first rows.',
      ),
    decimal: z.enum(['.', ',']).default(defaults.decimal).describe('The decimal mark of numbers.'),
    missing: z
      .array(z.string())
      .default([...defaults.missing])
      .describe('Texts that mean a missing value in a number or a category, besides an empty cell.'),
    task: z
      .enum(['classification', 'regression'])
      .default(defaults.task)
      .describe('Whether the label is a class or a number.'),
    label: name.default(defaults.label).describe('Column of the label.'),
    unlabelled: z
      .enum(['refuse', 'drop'])
      .default(defaults.unlabelled)
      .describe('Whether rows without a label are refused or left out.'),
    text: z
      .union([name, z.array(name).min(1)])
      .optional()
      .describe(
        'Column of the text, or two columns for a pair. Default, without `features` and `columns`: "text" if it exists.',
      ),
    features: z
      .array(name)
      .min(1)
      .optional()
      .describe(
        'Columns of numbers, categories and text, in addition to `text`. Default, without either: all except the label.',
      ),
    columns: z
      .record(name, z.enum(['number', 'category', 'text', 'ignore']))
      .optional()
      .describe('Kinds of columns, if the values in train suggest others.'),
    standardize: z
      .boolean()
      .default(defaults.standardize)
      .describe('(x - mean) / deviation of each column of numbers, both of train.'),
    ...regressionSchema,
    tokens: z
      .enum(['words', 'spaced'])
      .default(defaults.tokens)
      .describe(
        'words: splits text into words and punctuation; spaced: splits it at spaces, for text that is already tokenized.',
      ),
    lowerCase: z.boolean().default(defaults.lowerCase).describe('Converts text to lower case.'),
    ...textSchema,
    testFraction: z
      .number()
      .min(0)
      .lt(1)
      .default(defaults.testFraction)
      .describe('Fraction held out for test, drawn by seed, if there is no test file.'),
    ...splitSchema,
    ...sizeSchema,
    memory: z
      .int()
      .min(0)
      .default(defaults.memory)
      .describe('Size in bytes up to which a file is kept in memory; rows of a larger file are read as they are used.'),
  })
  .refine(({ dir, file, files }) => (dir === undefined) !== (file === undefined) && !(file && files), {
    path: ['dir'],
    message: 'give either dir, with or without files, or file',
  });

export interface TextTableOptions extends SplitChoice, SizeChoice, TextChoice, RegressionChoice {
  readonly dir?: string | undefined;
  readonly file?: string | undefined;
  readonly files?: { readonly train: string; readonly validation?: string; readonly test?: string } | undefined;
  readonly format?: RowFormat | undefined;
  readonly header?: boolean | undefined;
  readonly quote?: boolean | undefined;
  readonly delimiter?: string | undefined;
  readonly decimal?: '.' | ',' | undefined;
  readonly missing?: readonly string[] | undefined;
  readonly task?: 'classification' | 'regression' | undefined;
  readonly label?: string | undefined;
  readonly unlabelled?: 'refuse' | 'drop' | undefined;
  readonly text?: string | readonly string[] | undefined;
  readonly features?: readonly string[] | undefined;
  readonly columns?: Readonly<Record<string, ColumnKind>> | undefined;
  readonly standardize?: boolean | undefined;
  readonly tokens?: 'words' | 'spaced' | undefined;
  readonly lowerCase?: boolean | undefined;
  readonly testFraction?: number | undefined;
  readonly memory?: number | undefined;
}
