import {
  type LabelledSource,
  type Labels,
  mapRecords,
  type PartName,
  type OtherRecords,
  type RecordSource,
} from '@flatmin/data';
import {
  type ByteSource,
  type DataFolder,
  invalidFile,
  missingFile,
  openDataFile,
  openRows,
  type OpenRowsOptions,
  type Row,
  type RowFile,
  type RowFormat,
} from '@flatmin/data/node';
import { noCell, type UsedCells } from './cells.js';
import { LabelReader, type LabelRules } from './labelReader.js';
import { formatOf, type TableFiles } from './tableFiles.js';

export type TableSource = LabelledSource<UsedCells, Labels>;

export interface Tables {
  readonly sources: { readonly train: TableSource } & Partial<Readonly<Record<PartName, TableSource>>>;
  /** Of a classification, in the order of their numbers. */
  readonly classNames?: readonly string[];
}

export interface ReadTablesOptions
  extends Pick<OpenRowsOptions, 'header' | 'quote' | 'delimiter' | 'memory'>, LabelRules {
  readonly format?: RowFormat | undefined;
  /**
   * The columns of text or numbers, of the columns that there are; throws where they are not given and cannot be told.
   */
  readonly columns: (file: string, columns: readonly string[]) => readonly string[];
  /** Checks the used cells of every row in the first pass. */
  readonly check?: (row: UsedCells) => void;
}

/**
 * Opens the tables of a data set: checks every row, and reads the labels; the other cells are read when they are asked
 * for.
 *
 * The classes are the labels that the train file has, in the order of their numbers where all are whole numbers, else
 * of their code units. Other files may have no others.
 *
 * @throws FlatminError DATA_FILE_MISSING, DATA_FILE_INVALID with file, offset and remedy.
 */
export async function readTables(folder: DataFolder, files: TableFiles, options: ReadTablesOptions): Promise<Tables> {
  const train = new LabelReader(options);
  const sources: Record<string, TableSource> = { train: await readTable(folder, files.train, options, train) };
  const classNames = train.classNames;
  for (const part of ['validation', 'test'] as const) {
    const name = files[part];
    if (name === undefined) continue;
    const labels = new LabelReader(options, classNames);
    sources[part] = await readTable(folder, name, options, labels);
  }
  return { sources: sources as Tables['sources'], ...(classNames && { classNames }) };
}

/**
 * The used cells of another table, which needs no column of labels: each row by its number, from 1.
 *
 * @throws FlatminError as {@link readTables}.
 */
export async function readOtherTable(place: string, options: ReadTablesOptions): Promise<OtherRecords<UsedCells>> {
  const rows = await openTable(await openDataFile(place), options);
  return { ...rows, nameOf: (index) => `${index + 1}` };
}

async function readTable(
  folder: DataFolder,
  name: string,
  options: ReadTablesOptions,
  labels: LabelReader,
): Promise<TableSource> {
  const file = await folder.open(name);
  return { ...(await openTable(file, options, labels)), labels: labels.labels(file.name) };
}

/**
 * The used cells of a table, after a pass over all its rows that checks them, and reads the labels where there is a
 * reader.
 */
async function openTable(
  file: ByteSource,
  options: ReadTablesOptions,
  labels?: LabelReader,
): Promise<RecordSource<UsedCells>> {
  const format = options.format ?? formatOf(file.name) ?? missingFormat(file.name);
  let label: number | undefined;
  let places: readonly number[] | undefined;
  const find = (columns: readonly string[]): readonly number[] => {
    if (labels !== undefined) label ??= placeOf(file.name, columns, options.label);
    return options.columns(file.name, columns).map((column) => placeOf(file.name, columns, column));
  };
  const { header, quote, delimiter, memory, check } = options;
  const rows = await openRows(file, {
    format,
    header,
    quote,
    delimiter,
    memory,
    keep: (row, columns) => {
      places ??= find(columns);
      if (labels?.add(file.name, row, label as number) === false) return false;
      const used = usedCells(file.name, row, columns, places);
      check?.(used);
      return true;
    },
  });
  // A header without rows.
  places ??= find(rows.columns);
  if (rows.size === 0)
    invalidFile(file.name, 0, 'it has a header but no rows that are used', 'Check that it is the right file.');
  return mapRecords(rows, (row) => usedCells(file.name, row, rows.columns, places ?? []));
}

function placeOf(file: string, columns: readonly string[], column: string): number {
  const place = columns.indexOf(column);
  return place >= 0 ? place : noColumn(file, column, columns);
}

/** Refuses a file without a column. */
export function noColumn(file: string, column: string, columns: readonly string[]): never {
  return invalidFile(
    file,
    0,
    `it has no column ${JSON.stringify(column)}; its columns are ${listed(columns)}`,
    'Use existing names in `label`, `text`, `features` and `columns`; give `header: false` if the first row is data.',
  );
}

/** Names of columns for an error, the first of many. */
export function listed(columns: readonly string[]): string {
  const shown = columns.slice(0, 10).map((column) => JSON.stringify(column.slice(0, 40)));
  return `${shown.join(', ')}${columns.length > 10 ? `, and ${columns.length - 10} more` : ''}`;
}

function usedCells(file: string, row: Row, columns: RowFile['columns'], places: readonly number[]): UsedCells {
  const cells = places.map((place) => {
    const cell = row.cells[place];
    return cell === null ? noCell(file, row.offset, columns[place] as string) : cell;
  });
  return { cells, file, offset: row.offset };
}

function missingFormat(file: string): never {
  return missingFile(file, 'does not end in .csv, .tsv, .jsonl or .ndjson', 'Give its `format`.');
}
