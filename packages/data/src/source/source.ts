import { show } from '@flatmin/core/plugin';
import { refuse } from '../errors/refuse.js';

/** Records that can be read in any order, such as the fixed-size records of a file: any index costs the same. */
export interface RecordSource<R> {
  readonly size: number;
  /**
   * The records of these indices, in this order. Called for one batch at a time, perhaps before the previous one is
   * used up. Between calls it keeps nothing except what its documentation states.
   */
  read(indices: ArrayLike<number>): readonly R[] | Promise<readonly R[]>;
  /**
   * For sources that need something for the duration of one pass, such as decoding threads: a reader of the same
   * records, opened when a stream reads its first batch and closed when the stream ends, even early or by an error.
   * Without it, streams call `read`.
   */
  readonly open?: (() => RecordReader<R>) | undefined;
}

/** Reads the records of a source for the duration of one pass. */
export interface RecordReader<R> extends Pick<RecordSource<R>, 'read'> {
  close(): void | Promise<void>;
}

/** Records that can only be read from the first to the last, such as the lines of a compressed file. */
export interface SequentialSource<R> {
  /** Counted in a first pass if the file does not state it. */
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
      refuse(
        `record ${show(row)} was requested, and there are ${source.size}`,
        'Request integers from 0 to the number of records minus one.',
      );
    }
  }
  const places = (indices: ArrayLike<number>): number[] => Array.from(indices, (index) => rows[index] as number);
  return {
    size: rows.length,
    ...readersOf(source, (reader) => async (indices) => reader.read(places(indices))),
  };
}

/** A source whose records are made out of another's, as they are read. */
export function mapRecords<T, R>(source: RecordSource<T>, make: (record: T) => R): RecordSource<R> {
  return {
    size: source.size,
    ...readersOf(source, (reader) => async (indices) => (await reader.read(indices)).map(make)),
  };
}

/** `read` and `open` of a source, both changed in one way. */
function readersOf<T, R>(
  source: RecordSource<T>,
  change: (reader: Pick<RecordSource<T>, 'read'>) => RecordSource<R>['read'],
): Pick<RecordSource<R>, 'read' | 'open'> {
  const { open } = source;
  const opened = (reader: RecordReader<T>): RecordReader<R> => ({ read: change(reader), close: () => reader.close() });
  // Named also where there is none: it takes the place of another's `open` where a source is spread.
  return { read: change(source), open: open && (() => opened(open())) };
}

/** All records of a source in order, some hundred at a time. */
export async function* recordsOf<R>(source: RecordSource<R>): AsyncGenerator<R, void, undefined> {
  const step = 256;
  for (let start = 0; start < source.size; start += step) {
    const length = Math.min(step, source.size - start);
    yield* await source.read(Uint32Array.from({ length }, (_, i) => start + i));
  }
}
