import { RandomStream, show } from '@flatmin/core';
import { refuse, selectRows, type Table } from '../source/table.js';

/** A number, or the stream to draw from. */
export type Seed = number | RandomStream;

/** The stream of a seed. */
export function streamOf(seed: Seed): RandomStream {
  if (typeof seed !== 'number') return seed;
  if (!Number.isSafeInteger(seed)) refuse(`seed is ${show(seed)}`, 'Give an integer.');
  return new RandomStream(seed);
}

export interface SplitOptions {
  /** Fraction of the rows held out for validation, in [0, 1). */
  readonly validation: number;
  /** Fraction of the rows held out for test, in [0, 1); or the official test rows, which then stay as they are. Default 0. */
  readonly test?: number | Table;
  readonly seed: Seed;
}

export interface TableSplit {
  readonly train: Table;
  readonly validation: Table;
  readonly test: Table;
}

/**
 * Splits a table at random: every row goes to exactly one part.
 *
 * Of n rows, validation gets `Math.round(validation * n)`, test `Math.round(test * n)` and train what is left. The rows
 * of a part come in random order, so that a file sorted by class does not give batches of one class. Classes are not
 * balanced between the parts (no stratification). The same seed gives the same split everywhere. Copies the rows.
 *
 * @throws FlatminError DATA_INVALID for a fraction outside [0, 1), one above 0 that rounds to no row, parts that leave
 *   no row to train on, or test rows of another shape or number of classes.
 * @example
 * ```ts
 * const { train, validation, test } = splitBySeed(rows, { validation: 0.1, test: 0.2, seed: 1 });
 * ```
 */
export function splitBySeed(source: Table, options: SplitOptions): TableSplit {
  const { test = 0 } = options;
  const rows = splitRows(source.labels.length, { ...options, test: typeof test === 'number' ? test : 0 });
  return {
    train: selectRows(source, rows.train),
    validation: selectRows(source, rows.validation),
    test: typeof test === 'number' ? selectRows(source, rows.test) : matching(test, source),
  };
}

/** Row numbers of each part. */
export interface RowSplit {
  readonly train: Uint32Array;
  readonly validation: Uint32Array;
  readonly test: Uint32Array;
}

/**
 * The split of {@link splitBySeed} as row numbers, for data that does not lie in memory: 4 bytes a row.
 *
 * @throws FlatminError DATA_INVALID as `splitBySeed`.
 */
export function splitRows(
  rows: number,
  options: { readonly validation: number; readonly test?: number; readonly seed: Seed },
): RowSplit {
  const { validation, test = 0, seed } = options;
  const testRows = rowsOf(test, rows, 'test');
  const heldOut = testRows + rowsOf(validation, rows, 'validation');
  if (heldOut >= rows) {
    refuse(
      `validation and test take ${heldOut} of ${rows} rows, which leaves none to train on`,
      'Lower the fractions.',
    );
  }
  const order = streamOf(seed).at('split').permutation(rows);
  return {
    train: order.subarray(heldOut),
    validation: order.subarray(testRows, heldOut),
    test: order.subarray(0, testRows),
  };
}

function rowsOf(fraction: number, rows: number, part: string): number {
  if (!(fraction >= 0 && fraction < 1)) {
    refuse(`the fraction of ${part} rows is ${show(fraction)}`, 'Give a number from 0 up to, not including, 1.');
  }
  const count = Math.round(fraction * rows);
  if (count === 0 && fraction > 0) {
    refuse(`${part} ${fraction} of ${rows} rows rounds to none`, 'Raise the fraction, or give 0 to go without.');
  }
  return count;
}

function matching(test: Table, source: Table): Table {
  if (test.classes !== source.classes || show(test.inputShape) !== show(source.inputShape)) {
    refuse(
      `the test rows have shape ${show(test.inputShape)} and ${test.classes} classes, the others ` +
        `${show(source.inputShape)} and ${source.classes}`,
      'Bring both to the same shape and classes.',
    );
  }
  return test;
}
