import { FlatminError } from '@flatmin/core';
import { suggestion } from '@flatmin/core/internal';
import { columnsOfRows, type FlatRow, flatRow, type FlatValue } from './flatRow.js';
import type { RunRow } from './runRow.js';

const operators: Readonly<Record<string, (order: number) => boolean>> = {
  '=': (order) => order === 0,
  '!=': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

export interface RowSelection {
  /**
   * `status=done`, `test_accuracy>=0.9`: a column, one of = != < <= > >=, a number or a text. A row without a value
   * there meets none.
   */
  readonly where?: readonly string[] | undefined;
  /** A column, with `-` before it the greatest first; rows without a value come last. */
  readonly sort?: string | undefined;
}

/**
 * The rows that meet all conditions, in order.
 *
 * @throws FlatminError RUN_INVALID where a condition is none, or names a column that there is not.
 */
export function selectRows(rows: readonly RunRow[], { where = [], sort }: RowSelection): readonly RunRow[] {
  const flat = rows.map((row) => ({ row, columns: flatRow(row) }));
  const columns = columnsOfRows(flat.map((each) => each.columns));
  const tests = where.map((text) => conditionOf(text, columns));
  const chosen = flat.filter((each) => tests.every((test) => test(each.columns)));
  if (sort === undefined) return chosen.map(({ row }) => row);
  const name = requireColumn(sort.replace(/^-/, ''), columns);
  const direction = sort.startsWith('-') ? -1 : 1;
  return chosen.sort(({ columns: a }, { columns: b }) => orderOf(a[name], b[name], direction)).map(({ row }) => row);
}

function conditionOf(text: string, columns: readonly string[]): (row: FlatRow) => boolean {
  const [, name, operator, value] = /^\s*(\w+)\s*(!=|<=|>=|=|<|>)\s*(.*?)\s*$/s.exec(text) ?? [];
  if (name === undefined || operator === undefined || value === undefined) {
    throw new FlatminError(
      'RUN_INVALID',
      `--where ${text} is not a condition. Use a column, one of = != < <= > >= and a value: --where "test_accuracy>=0.9".`,
    );
  }
  if (columns.length > 0) requireColumn(name, columns);
  return (row) => {
    const found = row[name];
    if (found === undefined) return false;
    return (operators[operator] as (order: number) => boolean)(compared(found, value));
  };
}

function requireColumn(name: string, columns: readonly string[]): string {
  if (columns.includes(name) || columns.length === 0) return name;
  const remedy = suggestion(name, columns, `Use one of ${columns.join(', ')}.`);
  throw new FlatminError('RUN_INVALID', `no column is named ${name}. ${remedy}`);
}

/** As numbers where the column has them. NaN is in no order with anything. */
function compared(found: string | number, value: string): number {
  if (typeof found === 'number') return found - (value === '' ? NaN : Number(value));
  return found < value ? -1 : found > value ? 1 : 0;
}

function orderOf(a: FlatValue, b: FlatValue, direction: number): number {
  const isNone = (value: FlatValue): boolean => value === undefined || Number.isNaN(value);
  if (isNone(a) || isNone(b)) return Number(isNone(a)) - Number(isNone(b));
  return direction * ((a as string | number) < (b as string | number) ? -1 : a === b ? 0 : 1);
}
