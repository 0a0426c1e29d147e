import type { RecordSource } from '../../source/source.js';

export const rowFormats = ['csv', 'tsv', 'jsonl'] as const;
export type RowFormat = (typeof rowFormats)[number];

/**
 * One row, and where it begins: a cell for each column. In JSON lines, a cell is undefined for null or a missing key,
 * and null for a list or an object.
 */
export interface Row {
  readonly cells: readonly (string | null | undefined)[];
  readonly offset: number;
}

/** The rows of a file, read by index. */
export interface RowFile extends RecordSource<Row> {
  readonly name: string;
  readonly columns: readonly string[];
}

export interface OpenRowsOptions {
  readonly format: RowFormat;
  /**
   * Whether the first row names the columns; otherwise they are `0`, `1`, ... A function decides by the cells of that
   * row, for files that exist in both forms. Default true. JSON lines always have names.
   */
  readonly header?: boolean | ((first: readonly string[]) => boolean) | undefined;
  /**
   * Whether cells may be in double quotes, within which `""` means one quote; otherwise a quote is a plain character.
   * Default: CSV true, TSV false.
   */
  readonly quote?: boolean | undefined;
  /**
   * What separates the cells of CSV: a character, or `auto` to detect it from the first rows. Default: a comma. TSV
   * always has tabs.
   */
  readonly delimiter?: string | undefined;
  /** Whether rows may have another number of cells than the first; default false: they are refused. */
  readonly ragged?: boolean;
  /** Called for each row in file order; rows for which it returns false are left out. Default: all are kept. */
  readonly keep?: (row: Row, columns: readonly string[]) => boolean;
  /**
   * Files of up to this many bytes are kept in memory; of larger files, only what is requested is read. Default 256
   * MiB.
   */
  readonly memory?: number | undefined;
}
