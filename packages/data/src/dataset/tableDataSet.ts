import { show } from '@flatmin/core/plugin';
import { refuse } from '../errors/refuse.js';
import type { Table } from '../source/table.js';
import { exampleDataSet, type ExampleDataSetOptions } from './exampleDataSet.js';
import type { LabelledDataSet } from './labelledDataSet.js';

export interface TableDataSetOptions extends Pick<
  ExampleDataSetOptions,
  'id' | 'classNames' | 'testFraction' | 'choice'
> {
  /** The official training rows, of which validation is held out by seed; or all rows. */
  readonly train: Table;
  /** The official test rows, which stay unchanged; without them, `testFraction` of `train` is held out by seed. */
  readonly test?: Table | undefined;
  /** The official validation rows, if there are any; then none are held out of train. */
  readonly validation?: Table | undefined;
}

/**
 * A classification data set of tables in memory: an {@link exampleDataSet} of their rows, x float32 [batch,
 * ...inputShape], y int32 [batch].
 *
 * @throws FlatminError DATA_INVALID as {@link splitExamples}, and for tables of another shape or number of classes than
 *   `train`.
 * @example
 * ```ts
 * const data = tableDataSet({ id: 'mine', train: trainRows, test: testRows, choice: { labelNoise: { rate: 0.4 } } });
 * ```
 */
export function tableDataSet(options: TableDataSetOptions): LabelledDataSet<{ readonly classes: number }> {
  const { train, test, validation } = options;
  const { inputShape, classes } = train;
  for (const [name, rows] of Object.entries({ test, validation })) {
    if (rows !== undefined) checkMatching(name, rows, train);
  }
  return exampleDataSet({ ...options, inputShape, classes });
}

function checkMatching(name: string, rows: Table, train: Table): void {
  if (rows.classes === train.classes && show(rows.inputShape) === show(train.inputShape)) return;
  refuse(
    `the ${name} rows have shape ${show(rows.inputShape)} and ${rows.classes} classes, the others ` +
      `${show(train.inputShape)} and ${train.classes}`,
    'Bring both to the same shape and classes.',
  );
}
