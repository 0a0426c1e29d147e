import type { RecordSource } from '../../source/source.js';

export const rowFormats = ['csv', 'tsv', 'jsonl'] as const;
export type RowFormat = (typeof rowFormats)[number];

/**
 * One row, and where it begins: a cell for each column, of JSON undefined for null and nothing, null for a list or an
 * object.
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
   * Whether the first row names the columns; else they are `0`, `1`, ... A function decides by the cells of that row,
   * for files that come in both forms. Default true. JSON lines always have names.
   */
  readonly header?: boolean | ((first: readonly string[]) => boolean) | undefined;
  /**
   * Cells may stand in double quotes, `""` within them meaning one; else a quote is a character. Default: CSV true, TSV
   * false.
   */
  readonly quote?: boolean | undefined;
  /**
   * Of CSV, what separates cells: a character, or `auto` for the one that its first rows show. Default: a comma. TSV
   * always has tabs.
   */
  readonly delimiter?: string | undefined;
  /** Rows may have another number of cells than the first; default false: they are refused. */
  readonly ragged?: boolean;
  /** Called for each row in file order; the rows for which it gives false are left out. Default: all stay. */
  readonly keep?: (row: Row, columns: readonly string[]) => boolean;
  /** Files of up to so many bytes lie in memory; of larger ones only what is asked for is read. Default 256 MiB. */
  readonly memory?: number | undefined;
}
