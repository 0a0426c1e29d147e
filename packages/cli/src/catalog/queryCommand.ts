import { type Answer, findRuns, queryRuns } from '@flatmin/experiments/internal';
import { printJson, printTable } from '@flatmin/experiments/terminal';
import { csvOf } from '../terminal/csv.js';
import { type Cell, fittedTable } from '../terminal/fittedTable.js';

export interface QueryOptions {
  readonly json?: true;
  readonly csv?: true;
}

/** Answers an SQL query over the runs under some folders. */
export async function queryCommand(sql: string, roots: readonly string[], options: QueryOptions): Promise<void> {
  const { columns, rows } = await queryRuns(findRuns(roots), sql);
  if (options.csv) process.stdout.write(csvOf(columns, rows));
  else if (options.json) printJson(rows.map((row) => objectOf(columns, row)));
  else
    printTable(
      fittedTable(
        columns,
        rows.map((row) => row.map(cellOf)),
      ),
    );
}

function cellOf(value: Answer): Cell {
  return typeof value === 'boolean' ? String(value) : (value ?? undefined);
}

function objectOf(columns: readonly string[], row: readonly Answer[]): Readonly<Record<string, Answer>> {
  return Object.fromEntries(columns.map((name, i) => [name, inJson(row[i] ?? null)]));
}

/** JSON has no NaN: it would come out as null, which is none. */
const inJson = (value: Answer): Answer =>
  typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
