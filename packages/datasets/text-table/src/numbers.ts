import { type Encoding, type LabelledSource, type Labels, Moments, recordsOf } from '@flatmin/data';
import { invalidFile } from '@flatmin/data/node';
import type { UsedCells } from './readTables.js';

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** The number that a cell is, as exactly as float64 has it; undefined where it is none, or too large for float32. */
export function numberOf(cell: string): number | undefined {
  const text = cell.trim();
  if (!decimal.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(Math.fround(value)) ? value : undefined;
}

/** The cells of a row as numbers. */
export function numbersOf({ cells, file, offset }: UsedCells, names: readonly string[]): readonly number[] {
  return cells.map((cell, i) => {
    const value = numberOf(cell);
    if (value !== undefined) return value;
    return invalidFile(
      file,
      offset,
      `${JSON.stringify(names[i])} is ${JSON.stringify(cell.slice(0, 40))}, no number`,
      'Fill or drop such rows, or leave the column out of `features`.',
    );
  });
}

/**
 * Columns of numbers as x float32 [batch, columns]; standardized by (x - mean) / deviation of the train part, a constant column by its mean
 * alone. Reads train once for that.
 */
export async function numberEncoding(
  train: LabelledSource<UsedCells, Labels>,
  names: readonly string[],
  standardize: boolean,
): Promise<Encoding<UsedCells>> {
  const { means, deviations } = standardize ? await moments(train, names) : unchanged(names.length);
  return {
    inputShape: [names.length],
    dtype: 'float32',
    encode: (row, into) =>
      numbersOf(row, names).forEach(
        (value, i) => (into[i] = (value - (means[i] as number)) / (deviations[i] as number)),
      ),
  };
}

function unchanged(columns: number) {
  return { means: new Array<number>(columns).fill(0), deviations: new Array<number>(columns).fill(1) };
}

async function moments(train: LabelledSource<UsedCells, Labels>, names: readonly string[]) {
  const found = names.map(() => new Moments());
  for await (const row of recordsOf(train)) {
    numbersOf(row, names).forEach((value, i) => (found[i] as Moments).add(value));
  }
  return { means: found.map(({ mean }) => mean), deviations: found.map(({ deviation }) => deviation || 1) };
}
