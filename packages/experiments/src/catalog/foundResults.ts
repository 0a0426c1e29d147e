import { FlatminError } from '@flatmin/core';
import type { RunConfig } from '../config/runConfig.js';
import type { Cell } from '../grid/grid.js';
import type { RunRecord } from '../run/runRecord.js';
import type { CellOutcome, GridResults } from '../statistics/results.js';
import { foundConfig, type SeedConfig } from './foundConfig.js';
import { placesOf } from './places.js';
import { readRecords } from './readRecords.js';
import { rowsOf } from './readRows.js';

/** A run that was found, with what came of it. */
interface Found extends SeedConfig {
  readonly folder: string;
  readonly outcome: CellOutcome;
}

/** What decides what a run is on: methods are compared on a data set and a model. */
const ofTask = ['dataset', 'model'] as const;

/** What of a config is in no number of a run. */
const ofNothing = new Set<string>([
  ...['$schema', 'plugins', 'name', 'method', 'seed', 'seeds', 'tensorBoard', 'mlflow', 'keepCheckpoints', 'logEvery'],
  ...['checkpointEvery', 'dryRun', 'evaluate', 'command', ...ofTask],
]);

/**
 * Runs of several folders as the results of one grid: tasks by data set and model, rows by method and by whatever else
 * of their settings differs, cells by seed. A run that is found twice with the same results counts once; of two copies,
 * one that has ended is preferred to one that has not.
 *
 * @param reference the method that the others are compared with; default: that of the first run.
 * @throws FlatminError RUN_INVALID if there is no run, no method has the name of the reference, or one run is found
 *   twice with different results.
 */
export async function foundResults(folders: readonly string[], reference?: string): Promise<GridResults> {
  const found: Found[] = [];
  for (const folder of folders) found.push(...(await runsOf(folder)));
  const [first] = found;
  if (first === undefined) {
    throw new FlatminError(
      'RUN_INVALID',
      'there are no runs to compare. Name the folders of some; flatmin runs list shows them.',
    );
  }
  const tasks = placesOf(
    found.map(({ run }) => ({ name: '', settings: pick(run, (name) => ofTask.some((of) => of === name)) })),
  );
  const rows = placesOf(
    found.map(({ run, method }) => ({ name: method, settings: pick(run, (name) => !ofNothing.has(name)) })),
  );
  const cells = new Map<string, { readonly cell: Cell; readonly found: Found }>();
  found.forEach((each, i) => {
    const [task, row] = [tasks.of(i), rows.of(i)];
    const key = JSON.stringify([task.name, row.name, each.seed]);
    const before = cells.get(key)?.found;
    const config = each.run as unknown as RunConfig;
    const cell = { task: task.name, row: row.name, method: each.method, seed: each.seed, config };
    cells.set(key, { cell, found: before === undefined ? each : theOne(before, each, row.name) });
  });
  const all = [...cells.values()];
  const methods = new Set(found.map(({ method }) => method));
  if (reference !== undefined && !methods.has(reference)) {
    throw new FlatminError('RUN_INVALID', `no run is of the method ${reference}. Methods: ${[...methods].join(', ')}.`);
  }
  return {
    grid: {
      tasks: tasks.all.map((task) => ({
        ...task,
        rows: rows.all.flatMap((row, i) =>
          all.some(({ cell }) => cell.task === task.name && cell.row === row.name)
            ? [{ ...row, method: found[rows.firstOf(i)]?.method ?? '' }]
            : [],
        ),
      })),
      cells: all.map(({ cell }) => cell),
      axes: [
        ...rows.axes.map((axis) => ({ ...axis, of: 'rows' as const })),
        ...tasks.axes.map((axis) => ({ ...axis, of: 'tasks' as const })),
      ],
      reference: reference ?? first.method,
      seeds: [...new Set(found.map(({ seed }) => seed))].sort((a, b) => a - b),
    },
    outcomes: all.map(({ found: { outcome } }) => outcome),
  };
}

async function runsOf(folder: string): Promise<readonly Found[]> {
  const { seeds } = foundConfig(folder);
  const rows = await rowsOf(folder);
  const records = new Map((await readRecords(folder)).map((record) => [keyOf(record), record]));
  return seeds.map((seed, i) => {
    const record = records.get(keyOf(seed));
    const { status = 'missing', reason } = rows[i] ?? {};
    return { ...seed, folder, outcome: outcomeOf({ status, folder, ...(reason !== undefined && { reason }) }, record) };
  });
}

const keyOf = ({ method, seed }: { readonly method: string; readonly seed: number }): string => `${seed} ${method}`;

/**
 * By all lines of the metrics, where they say that the run has ended: it may have done so since its end was looked at.
 */
function outcomeOf(row: CellOutcome, record: RunRecord | undefined): CellOutcome {
  if (record !== undefined) return { ...row, status: record.failure === undefined ? 'done' : 'diverged', record };
  return row.status === 'done' || row.status === 'diverged' ? { ...row, status: 'interrupted' } : row;
}

/** Which of two findings of the same run counts. */
function theOne(one: Found, other: Found, row: string): Found {
  const [a, b] = [one.outcome.record, other.outcome.record];
  if (a === undefined || b === undefined) return b === undefined ? one : other;
  if (JSON.stringify(contentOf(a)) === JSON.stringify(contentOf(b))) return one;
  throw new FlatminError(
    'RUN_INVALID',
    `${one.folder} and ${other.folder} both have ${row}, seed ${one.seed}, with different results: another version, backend or machine, or ` +
      'other data. Leave out one of them.',
  );
}

/** What a run repeats to the bit: not its times and its memory. */
function contentOf({ history, steps, gradientEvaluations, best, failure }: RunRecord): object {
  return { history, steps, gradientEvaluations, best, failure: failure !== undefined };
}

function pick(
  run: Readonly<Record<string, unknown>>,
  isPicked: (name: string) => boolean,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(run).filter(([name]) => isPicked(name)));
}
