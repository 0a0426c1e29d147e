import { definePlugin } from '@flatmin/core/plugin';
import {
  type DataColumn,
  type LabelledDataSet,
  labelledDataSet,
  type LabelledSource,
  type Labels,
  mapRecords,
  noisyParts,
  type Parts,
  spaced,
  splitExamples,
  textDataSet,
  words,
} from '@flatmin/data';
import { defaults, schema, type TextTableOptions } from './options.js';
import type { UsedCells } from './cells.js';
import type { ReadTablesOptions, Tables } from './readTables.js';
import { formatOf, tablesIn } from './tableFiles.js';
import { refuse, type UsedColumns, usedColumns } from './usedColumns.js';

export type { TextTableOptions } from './options.js';

type TableParts = Parts<LabelledSource<UsedCells, Labels>>;

/**
 * Tables with a label in each row: CSV (RFC 4180), tab-separated values and JSON lines, raw or gzip, in UTF-8, or
 * UTF-16 with its byte order mark.
 *
 * - text alone: x float32 [batch, words] (bags) or int32 [batch, length] (ids), see `textDataSet` of @flatmin/data;
 * - otherwise: x float32 [batch, values]. A column of numbers gives (x - mean) / deviation and, if train has gaps, a
 *   second value that is 1 for a gap; a column of categories gives 1 for the category of the row and 0 for the others
 *   (all 0 for a category that train does not have); a column of text gives its bag of words.
 * - y is int32 [batch] for a classification, whose classes are the sorted labels of the train file; float32 [batch],
 *   standardized, for a regression.
 *
 * The kind of a column, its mean, deviation, categories and words are determined by the train part alone.
 *
 * A row is found by its position in the file. In memory are 16 bytes per row (20 for a regression), the statistics of
 * the columns (up to 1000 values each, and the vocabularies), and the file if `memory` allows it; so files may be
 * larger than memory, and a shuffle covers all rows. Every row is checked before the first is used. For Node.js.
 *
 * @param options.dir folder of the files; `options.files` gives their names if they are not train, dev and test; or
 *   `options.file`, a single file.
 * @param options.text columns of text; `options.label` is that of the label.
 * @param options.features columns to learn from; `options.columns` gives their kinds.
 * @param options.testFraction held out if there is no test file; `options.validation` if there is no validation file.
 * @throws FlatminError DATA_FILE_MISSING if files are missing, DATA_FILE_INVALID if one is broken (file, offset,
 *   remedy), SPEC_INVALID for options that contradict each other, and for label noise with a regression; DATA_INVALID
 *   for a column that cannot have the given kind.
 * @example
 * ```ts
 * const columns = { PassengerId: 'ignore', Pclass: 'category' } as const;
 * const data = await textTable({ file: 'titanic.csv', label: 'Survived', columns });
 * ```
 */
export async function textTable(options: TextTableOptions): Promise<LabelledDataSet> {
  const { task = defaults.task, label = defaults.label } = options;
  if (task === 'regression' && options.labelNoise) refuse('label noise is only for classes. Leave out labelNoise.');
  // Loaded when used: the rest of the package runs where there are no files.
  const { noColumn, readOtherTable, readTables } = await import('./readTables.js');
  const { requireNumber, isGap, textsOf } = await import('./cells.js');
  const { folder, files } = await openTables(options);
  const rules = { decimal: options.decimal ?? defaults.decimal, missing: new Set(options.missing ?? defaults.missing) };
  let used: UsedColumns | undefined;
  const reading: ReadTablesOptions = {
    format: options.format,
    header: options.header,
    quote: options.quote,
    delimiter: options.delimiter ?? defaults.delimiter,
    memory: options.memory ?? defaults.memory,
    unlabelled: options.unlabelled ?? defaults.unlabelled,
    task,
    label,
    rules,
    columns: (file, all) => (used ??= usedColumns(options, all, (column) => noColumn(file, column, all))).names,
    check: (row) => {
      const { names, kinds } = used as UsedColumns;
      if (names.every((name) => kinds.get(name) === 'text')) textsOf(row, names);
      names.forEach((name, place) => {
        if (kinds.get(name) === 'number' && !isGap(row.cells[place], rules)) requireNumber(row, place, name, rules);
      });
    },
  };
  const tables = await readTables(folder, files, reading);
  const others = (place: string) => readOtherTable(place, reading);
  const parts = partsOf(tables, options);
  const common = {
    id: 'text-table',
    target: tables.classNames
      ? { classes: tables.classNames.length, classNames: tables.classNames }
      : ('regression' as const),
    standardizeTargets: options.standardizeTargets ?? true,
  };
  const { encodedColumns } = await import('./encodedColumns.js');
  const found = await encodedColumns(parts, used as UsedColumns, rules, options, tokensOf(options));
  const columns = [labelColumn(tables, label, task), ...found.columns];
  if (found.encoding !== undefined) {
    return labelledDataSet({
      ...common,
      parts,
      encoding: found.encoding,
      featureNames: found.featureNames,
      columns,
      others,
    });
  }
  const splitting = splitter(found.texts, options);
  const otherTexts = async (place: string) => {
    const rows = await others(place);
    return { ...mapRecords(rows, splitting), nameOf: (index: number) => rows.nameOf(index) };
  };
  return textDataSet({ ...common, parts: tokenized(parts, splitting), choice: options, columns, others: otherTexts });
}

/** The folder and its files; of a single file, the folder that it lies in. */
async function openTables({ dir, file, files }: TextTableOptions) {
  const { missingFile, openFolder } = await import('@flatmin/data/node');
  if ((dir === undefined) === (file === undefined) || (file !== undefined && files !== undefined)) {
    refuse('give either dir, with or without files, or file.');
  }
  if (file !== undefined) {
    const { default: path } = await import('node:path');
    return { folder: await openFolder(path.dirname(file)), files: { train: path.basename(file) } };
  }
  const folder = await openFolder(dir as string);
  const found =
    files ??
    tablesIn(await folder.names()) ??
    missingFile(
      folder.path,
      'it has neither train.csv, .tsv or .jsonl nor a single table',
      'Give the names as `files`.',
    );
  return { folder, files: found };
}

function partsOf({ sources, classNames }: Tables, options: TextTableOptions): TableParts {
  const { testFraction = defaults.testFraction } = options;
  const parts = splitExamples({ ...sources, testFraction, choice: options });
  if (!classNames) return parts;
  return noisyParts(parts as Parts<LabelledSource<UsedCells>>, classNames.length, options);
}

function tokensOf({ tokens = defaults.tokens, lowerCase = defaults.lowerCase }: TextTableOptions) {
  return (text: string): string[] =>
    tokens === 'words' ? words(text, { lowerCase }) : spaced(lowerCase ? text.toLowerCase() : text);
}

/** How a row becomes the tokens of its texts, of the cells at some places. */
function splitter(places: readonly number[], options: TextTableOptions) {
  const split = tokensOf(options);
  return ({ cells }: UsedCells): string[][] => places.map((place) => split(cells[place] ?? ''));
}

function tokenized(parts: TableParts, splitting: (row: UsedCells) => string[][]) {
  const part = (source: LabelledSource<UsedCells, Labels>) => ({
    ...mapRecords(source, splitting),
    labels: source.labels,
  });
  return { train: part(parts.train), validation: part(parts.validation), test: part(parts.test) };
}

function labelColumn({ classNames }: Tables, name: string, task: string): DataColumn {
  const about = classNames === undefined ? task : `${classNames.length} classes`;
  return { name, kind: 'label', inputs: 0, about };
}

/** The plugin: `{ use: 'text-table', file: 'titanic.csv', label: 'Survived' }`. */
export const textTablePlugin = definePlugin({
  kind: 'dataset',
  id: 'text-table',
  apiVersion: 1,
  description: 'Tables of numbers, categories and text with a label in each row: CSV, TSV and JSON lines.',
  options: schema,
  detect: (names) => (tablesIn(names) ? {} : undefined),
  detectFile: (name) => (formatOf(name) ? {} : undefined),
  example: { options: { file: 'data/table.csv', label: 'label' } },
  create: (options) => textTable(options),
});
