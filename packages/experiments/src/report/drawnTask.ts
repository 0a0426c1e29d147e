import { type ComparedRow, type ComparedTask, type Comparison } from '../statistics/comparison.js';
import type { GridResults } from '../statistics/results.js';
import type { RowRuns } from '../statistics/rowRuns.js';
import { rowsOf } from '../statistics/rows.js';
import { headRows } from '../statistics/verdict.js';
import { focusOf } from './focus.js';
import type { Series } from './look.js';

/** A row with its figures and the runs that they are of. */
export type DrawnRow = RowRuns &
  Pick<ComparedRow, 'seeds' | 'radius' | 'learnsRadius'> & {
    readonly result: NonNullable<ComparedRow['result']>;
    readonly cost: NonNullable<ComparedRow['cost']>;
    /** By what it is colored: itself, or its method where there are too many rows. */
    readonly key: string;
  };

/** What charts of a task are made of: its rows that have a run which is done. */
export interface DrawnTask extends Pick<ComparedTask, 'name' | 'at' | 'result' | 'moreIsBetter' | 'reference'> {
  readonly rows: readonly DrawnRow[];
  /** Of `rows`, those that curves are drawn of: with a chosen row of a method, that one alone. */
  readonly curves: readonly DrawnRow[];
  /** What colors of curves stand for, in their order. */
  readonly series: readonly Series[];
  /** In the order of the table: each has a style in all charts. */
  readonly methods: readonly string[];
  /** Rows that an axis of the result is made for; others are marked at its edge. */
  readonly inside: ReadonlySet<string>;
}

/** More curves than these in one chart have the colors of their methods. */
const mostCurves = 12;

export function drawnTasks(results: GridResults, { tasks }: Comparison): readonly DrawnTask[] {
  return rowsOf(results).map((task, i) => drawnTask(task.rows, tasks[i] as ComparedTask));
}

function drawnTask(runs: readonly RowRuns[], task: ComparedTask): DrawnTask {
  const heads = new Set(headRows(task).map(({ name }) => name));
  const count = runs.filter((row) => heads.has(row.name) && row.runs.length > 0).length;
  const rows = task.rows.flatMap((row, i): DrawnRow[] => {
    const { result, cost, seeds, radius, learnsRadius } = row;
    if (result === undefined || cost === undefined) return [];
    const key = count > mostCurves ? row.method : row.name;
    const figures = { result, cost, seeds, learnsRadius, ...(radius && { radius }) };
    return [{ ...(runs[i] as RowRuns), ...figures, key }];
  });
  const curves = rows.filter(({ name }) => heads.has(name));
  const { inside } = focusOf(rows.map(({ name, seeds }) => ({ name, values: seeds.map(({ result }) => result) })));
  const { name, at, result, moreIsBetter, reference } = task;
  const methods = [...new Set(task.rows.map(({ method }) => method))];
  const isOneEach = new Set(curves.map(({ method }) => method)).size === curves.length;
  const keys = [...new Set(curves.map(({ key }) => key))];
  const series = keys.map((name, i): Series => {
    const of = curves.find(({ key }) => key === name)?.method ?? name;
    return { name, index: isOneEach || methods.includes(name) ? methods.indexOf(of) : i };
  });
  return { name, at, result, moreIsBetter, ...(reference && { reference }), rows, curves, series, methods, inside };
}
