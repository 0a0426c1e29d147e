import { show } from '@flatmin/core/plugin';
import { refuse } from '../errors/refuse.js';
import { type Seed, streamOf } from './seed.js';

/** Row numbers of each part. */
export interface RowSplit {
  readonly train: Uint32Array;
  readonly validation: Uint32Array;
  readonly test: Uint32Array;
}

/**
 * Splits row numbers at random: every row goes to exactly one part. 4 bytes a row.
 *
 * Of n rows, validation gets `Math.round(validation * n)`, test `Math.round(test * n)` and train the rest. The rows of
 * a part come in random order, so that a file sorted by class does not give batches of one class. Classes are not
 * balanced between the parts (no stratification). The same seed gives the same split everywhere.
 *
 * @param options.validation fraction of the rows held out for validation, in [0, 1).
 * @param options.test fraction of the rows held out for test, in [0, 1). Default 0.
 * @throws FlatminError DATA_INVALID for a fraction outside [0, 1), one above 0 that rounds to no row, and parts that
 *   leave no row to train on.
 * @example
 * ```ts
 * const { train, validation, test } = splitRows(1000, { validation: 0.1, test: 0.2, seed: 1 });
 * ```
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
      `validation and test take ${heldOut} of ${rows} rows, which leaves none for training`,
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
    refuse(`the fraction of ${part} rows is ${show(fraction)}`, 'Give a number of at least 0 and below 1.');
  }
  const count = Math.round(fraction * rows);
  if (count === 0 && fraction > 0) {
    refuse(`${part} ${fraction} of ${rows} rows rounds to 0`, 'Raise the fraction, or give 0 for none.');
  }
  return count;
}
