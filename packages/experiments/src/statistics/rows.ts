import type { RunRecord } from '../run/runRecord.js';
import { chosenRow } from './chosen.js';
import { endOf, resultNameOf, type ResultName, resultOf } from './judged.js';
import type { CellOutcome, GridResults } from './results.js';
import type { CountedRun, LeftOut, RowRuns, TaskRuns } from './rowRuns.js';

/** The runs of a grid by task and row. A method whose options are chosen has its chosen row behind its others. */
export function rowsOf({ grid, outcomes }: GridResults): readonly TaskRuns[] {
  return grid.tasks.map((task) => {
    const of = (row?: string) =>
      grid.cells.flatMap((cell, i) =>
        cell.task === task.name && (row === undefined || cell.row === row)
          ? [{ seed: cell.seed, outcome: outcomes[i] ?? ({ status: 'missing' } as const) }]
          : [],
      );
    const result = resultNameOf(of().flatMap(({ outcome }) => (outcome.status === 'done' && outcome.record) || []));
    const rows = task.rows.map(({ name, method, at }) => ({ name, method, at, ...counted(of(name), result) }));
    const { select } = grid;
    const methods = [...new Set(rows.map(({ method }) => method))];
    const withChosen = methods.flatMap((method) => {
      const own = rows.filter((row) => row.method === method);
      return select !== undefined && own.length > 1 ? [...own, chosenRow(own, select)] : own;
    });
    return { name: task.name, at: task.at, result, rows: withChosen };
  });
}

/** Parts the seeds of a row into those that figures are of, and the others. */
function counted(
  cells: readonly { readonly seed: number; readonly outcome: CellOutcome }[],
  result: ResultName,
): Pick<RowRuns, 'runs' | 'leftOut'> {
  const runs: CountedRun[] = [];
  const leftOut: LeftOut[] = [];
  for (const { seed, outcome } of cells) {
    const reason = reasonToLeaveOut(outcome, result);
    if (reason !== undefined) leftOut.push({ seed, status: outcome.status, reason });
    else runs.push({ seed, record: outcome.record as RunRecord });
  }
  return { runs, leftOut };
}

/**
 * Why a run is in no average: a mean with a NaN in it would be none, and one of runs of unequal length would be of
 * nothing.
 */
function reasonToLeaveOut({ status, record, reason }: CellOutcome, result: ResultName): string | undefined {
  const because = reason ?? record?.failure;
  switch (status) {
    case 'missing':
      return 'has not begun';
    case 'running':
      return 'is running';
    case 'interrupted':
      return `was interrupted${record === undefined ? '' : ` at step ${record.steps}`}`;
    case 'failed':
      return because === undefined ? 'failed' : `failed: ${because}`;
    case 'diverged':
      return `diverged${stepOf(record, because)}${because === undefined ? '' : `: ${because}`}`;
    case 'done':
      return reasonOfResult(record, result);
  }
}

/** When it was, unless the reason says so. */
function stepOf(record: RunRecord | undefined, reason: string | undefined): string {
  return record === undefined || /\bstep \d/.test(reason ?? '') ? '' : ` after step ${record.steps}`;
}

function reasonOfResult(record: RunRecord | undefined, result: ResultName): string | undefined {
  const end = record && endOf(record);
  if (end === undefined) return 'was not evaluated on the test part';
  const value = resultOf(end, result);
  return Number.isFinite(value) ? undefined : `ended with a test ${result} of ${value}`;
}

/** A sentence for each seed that is in no figure, and one for several of a row that have the same reason. */
export function leftOutTexts(rows: readonly Pick<RowRuns, 'name' | 'leftOut'>[]): readonly string[] {
  return rows.flatMap(({ name, leftOut }) =>
    [...new Set(leftOut.map(({ reason }) => reason))].map((reason) => {
      const seeds = leftOut.filter((other) => other.reason === reason).map(({ seed }) => seed);
      const end = reason.replace(/\.?$/, '.');
      return seeds.length === 1
        ? `${name}, seed ${seeds[0]}, is left out of the averages: it ${end}`
        : `${name}, seeds ${seeds.slice(0, -1).join(', ')} and ${seeds.at(-1)}, are left out of the averages: each ${end}`;
    }),
  );
}
