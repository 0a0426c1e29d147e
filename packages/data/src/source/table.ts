import { show } from '@flatmin/core/plugin';
import { checkArray, checkClasses, checkLabels } from '../errors/checks.js';
import { refuse } from '../errors/refuse.js';
import type { LabelledSource } from './labelledSource.js';
import { rowLength } from './rowLength.js';

/** Classification data as arrays: row i of `features` belongs to `labels[i]`. */
export interface TableData {
  /** Row-major float32 values, `labels.length` rows of the product of `inputShape`. */
  readonly features: Float32Array;
  /** One class in [0, `classes`) per row. */
  readonly labels: Int32Array;
  /** Shape of one row; the product is the row's number of values. */
  readonly inputShape: readonly number[];
  readonly classes: number;
}

/**
 * Classification data in memory, as a source. Nothing writes into its arrays; do not write into them yourself once they
 * are passed.
 */
export interface Table extends LabelledSource<Float32Array> {
  readonly inputShape: readonly number[];
  readonly classes: number;
}

/**
 * Checks classification data and gives it as a {@link Table}; keeps your arrays, copies nothing.
 *
 * @param data.features float32, length rows x product of `inputShape`, finite.
 * @param data.labels int32, one class in [0, `classes`) per row.
 * @param data.inputShape shape of one row, positive integers.
 * @param data.classes the number of classes, an integer of at least 2.
 * @throws FlatminError DATA_INVALID if lengths, classes or values do not fit. Cost: one pass over the data.
 * @example
 * ```ts
 * const xor = table({
 *   features: Float32Array.of(0, 0, 0, 1, 1, 0, 1, 1), labels: Int32Array.of(0, 1, 1, 0), inputShape: [2], classes: 2,
 * });
 * ```
 */
export function table(data: TableData): Table {
  const { features, labels, inputShape, classes } = data;
  checkArray(features, 'features', 'Float32Array');
  checkArray(labels, 'labels', 'Int32Array');
  checkClasses(classes);
  if (!inputShape.every((size) => Number.isInteger(size) && size > 0)) {
    refuse(
      `inputShape is ${show(inputShape)}`,
      'Give the shape of one row as positive integers, such as [64] or [8, 8, 1].',
    );
  }
  const length = rowLength(inputShape);
  if (features.length !== labels.length * length) {
    refuse(
      `features have ${features.length} values, but ${labels.length} labels x inputShape ${show(inputShape)} are ` +
        `${labels.length * length}`,
      'Give one label per row.',
    );
  }
  checkLabels(labels, classes);
  const broken = features.findIndex((value) => !Number.isFinite(value));
  if (broken >= 0) {
    refuse(
      `features[${broken}] (row ${Math.floor(broken / length)}) is ${show(features[broken])}`,
      'Drop or fill such rows before training.',
    );
  }
  return Object.freeze({
    size: labels.length,
    labels,
    inputShape: Object.freeze([...inputShape]),
    classes,
    read: (rows: ArrayLike<number>) => Array.from(rows, (row) => features.subarray(row * length, (row + 1) * length)),
  });
}
