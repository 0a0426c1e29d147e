import { findRuns, readRows, type RunRow, selectRows } from '@flatmin/experiments/internal';
import { counted, printTable, printJson, warn } from '@flatmin/experiments/terminal';
import { type Cell, fittedTable } from '../terminal/fittedTable.js';

export interface ListOptions {
  readonly json?: true;
  readonly sort?: string;
  readonly where?: readonly string[];
}

/** Lists the runs under some folders, a line a seed. */
export async function listCommand(roots: readonly string[], options: ListOptions): Promise<void> {
  const rows = selectRows(await readRows(findRuns(roots)), options);
  if (options.json) {
    printJson(rows);
    return;
  }
  if (rows.length > 0) printTable(tableOf(rows));
  const folders = new Set(rows.map(({ folder }) => folder)).size;
  const where = options.where === undefined ? '' : ' that match';
  warn(
    rows.length === 0
      ? `No runs${where}${roots.length === 0 ? ' in runs' : ` in ${roots.join(', ')}`}.`
      : `${counted(rows.length, 'run')}${where} in ${counted(folders, 'folder')}.`,
  );
}

/** Rows as a table; what is the same in all of them and says little has no column. */
export function tableOf(rows: readonly RunRow[]): string {
  const result = resultNameOf(rows);
  const columns: readonly (readonly [string, (row: RunRow) => Cell])[] = [
    ['folder', ({ folder }) => folder],
    ['method', ({ method }) => method],
    ['seed', ({ seed }) => seed],
    ['status', ({ status }) => status],
    [`test ${result}`, ({ test }) => rounded(test?.[result])],
    ['epochs', ({ epochs }) => epochs],
    ['rho', ({ rho }) => rounded(rho)],
    ['gradients', ({ gradientEvaluations }) => gradientEvaluations],
    ['seconds', ({ seconds }) => Number(seconds.toFixed(1))],
    ['data set', ({ dataset }) => dataset],
    ['model', ({ model }) => model],
    ['created', ({ created }) => created.slice(0, 16).replace('T', ' ')],
  ];
  return fittedTable(
    columns.map(([name]) => name),
    rows.map((row) => columns.map(([, value]) => value(row))),
  );
}

/** What the runs are looked at by: accuracy where one has it. */
export function resultNameOf(rows: readonly RunRow[]): 'accuracy' | 'rootMeanSquaredError' | 'loss' {
  const has = (name: 'accuracy' | 'rootMeanSquaredError'): boolean =>
    rows.some(({ test }) => test?.[name] !== undefined);
  const isJudged = rows.some(({ test }) => test !== undefined);
  return has('accuracy') || !isJudged ? 'accuracy' : has('rootMeanSquaredError') ? 'rootMeanSquaredError' : 'loss';
}

const rounded = (value: number | undefined): number | undefined =>
  value === undefined ? undefined : Number(value.toPrecision(4));
