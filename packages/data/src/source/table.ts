import { FlatminError, show } from '@flatmin/core';

/**
 * Classification data in memory: row i of `features` belongs to `labels[i]`.
 *
 * Everything here treats a table as immutable and gives new ones; write into its arrays only before you hand it on.
 */
export interface Table {
  /** Row-major float32 values, `labels.length` rows of the product of `inputShape`. */
  readonly features: Float32Array;
  /** One class in [0, `classes`) per row. */
  readonly labels: Int32Array;
  /** Shape of one row; the product is the row's number of values. */
  readonly inputShape: readonly number[];
  readonly classes: number;
}

/** The number of values of one row: the product of `inputShape`. */
export function rowLength(inputShape: readonly number[]): number {
  return inputShape.reduce((product, size) => product * size, 1);
}

/**
 * Checks classification data and gives it as a {@link Table}; keeps your arrays, copies nothing.
 *
 * @param data.features float32, length rows x product of `inputShape`, finite.
 * @param data.labels int32, one class in [0, `classes`) per row.
 * @param data.inputShape shape of one row, positive integers.
 * @param data.classes the number of classes, an integer of at least 2.
 * @throws FlatminError DATA_INVALID where lengths, classes or values do not fit. Cost: one pass over the data.
 * @example
 * ```ts
 * const xor = table({
 *   features: Float32Array.of(0, 0, 0, 1, 1, 0, 1, 1), labels: Int32Array.of(0, 1, 1, 0), inputShape: [2], classes: 2,
 * });
 * ```
 */
export function table(data: Table): Table {
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
  return Object.freeze({ features, labels, inputShape: Object.freeze([...inputShape]), classes });
}

/** The rows of these indices, in this order; an index may stand more than once. Copies. */
export function selectRows(source: Table, indices: ArrayLike<number>): Table {
  const { features, labels, inputShape, classes } = source;
  const length = rowLength(inputShape);
  const chosen = { features: new Float32Array(indices.length * length), labels: new Int32Array(indices.length) };
  for (let i = 0; i < indices.length; i++) {
    const row = indices[i] as number;
    const label = labels[row];
    if (label === undefined) {
      refuse(
        `row ${show(row)} was asked of a table of ${labels.length} rows`,
        'Ask for integers from 0 to the rows less one.',
      );
    }
    chosen.labels[i] = label;
    chosen.features.set(features.subarray(row * length, (row + 1) * length), i * length);
  }
  return Object.freeze({ ...chosen, inputShape, classes });
}

/** Throws unless every label is a class in [0, `classes`). */
export function checkLabels(labels: Int32Array, classes: number): void {
  const wrong = labels.findIndex((label) => label < 0 || label >= classes);
  if (wrong >= 0) {
    refuse(
      `labels[${wrong}] is ${show(labels[wrong])}, not a class from 0 to ${classes - 1}`,
      'Count classes from 0, and give `classes` as their number.',
    );
  }
}

/** Throws unless there are at least two classes. */
export function checkClasses(classes: number): void {
  if (!Number.isInteger(classes) || classes < 2) {
    refuse(`classes is ${show(classes)}`, 'Give the number of classes, an integer of at least 2.');
  }
}

/** Throws the named error of bad data. */
export function refuse(what: string, remedy: string): never {
  throw new FlatminError('DATA_INVALID', `${what}. ${remedy}`);
}

/** By the brand, not `instanceof`: arrays of another realm (a worker, a test sandbox) are as good. */
function checkArray(value: unknown, name: string, type: 'Float32Array' | 'Int32Array'): void {
  const found = Object.prototype.toString.call(value).slice('[object '.length, -1);
  if (found !== type) refuse(`${name} are of type ${found}`, `Convert them with ${type}.from(...).`);
}
