import { show } from '@flatmin/core';
import { refuse } from './table.js';

/** Records that can be read in any order, such as the fixed-size records of a file: any index costs the same. */
export interface RecordSource<R> {
  readonly size: number;
  /**
   * The records of these indices, in this order. Called for one batch at a time, perhaps before the previous one is used up: it keeps
   * nothing of its own between calls but what it states.
   */
  read(indices: ArrayLike<number>): readonly R[] | Promise<readonly R[]>;
}

/** Records that can only be read from the first to the last, such as the lines of a compressed file. */
export interface SequentialSource<R> {
  /** Counted in a first pass where the file does not say it. */
  readonly size: number;
  /** A new pass over all records, each time. */
  records(): AsyncIterable<R>;
}

/** A record source over an array: for what fits in memory, and for tests. */
export function arraySource<R>(records: readonly R[]): RecordSource<R> {
  return { size: records.length, read: (indices) => Array.from(indices, (index) => records[index] as R) };
}

/** Some rows of a source, as a source: the parts of a split, a subset. */
export function selectRecords<R>(source: RecordSource<R>, rows: ArrayLike<number>): RecordSource<R> {
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    if (!Number.isInteger(row) || row < 0 || row >= source.size) {
      refuse(`record ${show(row)} was asked of ${source.size}`, 'Ask for integers from 0 to the records less one.');
    }
  }
  return { size: rows.length, read: (indices) => source.read(Array.from(indices, (index) => rows[index] as number)) };
}

/** A source whose records are made out of another's, as they are read. */
export function mapRecords<T, R>(source: RecordSource<T>, make: (record: T) => R): RecordSource<R> {
  return { size: source.size, read: async (indices) => (await source.read(indices)).map(make) };
}
