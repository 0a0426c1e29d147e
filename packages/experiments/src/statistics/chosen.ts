import { FlatminError } from '@flatmin/core';
import { show } from '@flatmin/core/plugin';
import { type Metrics, modeOf } from '@flatmin/training';
import type { Coordinate, Selection } from '../grid/grid.js';
import type { RunRecord } from '../run/runRecord.js';
import { meanOf } from './estimate.js';
import { listed } from './figures.js';
import type { Choice, ChosenFrom, CountedRun, LeftOut, RowRuns } from './rowRuns.js';

/**
 * A further row of a method that has several: for each seed its run with the best metric on held-out data (`per:
 * 'seed'`), or the runs of the row with the best mean (`'seeds'`); of equals the first. Only runs that are done are
 * chosen from, and with `'seeds'` only rows with all their seeds, as means over other seeds are of something else.
 *
 * @throws FlatminError RUN_INVALID for a metric of the test part, or one that a run did not evaluate.
 */
export function chosenRow(rows: readonly RowRuns[], select: Selection): RowRuns {
  requireHeldOut(select);
  const [{ method } = { method: '' }] = rows;
  const labels = labelsOf(rows);
  const candidates = select.per === 'seeds' ? rows.filter(({ leftOut }) => leftOut.length === 0) : rows;
  const best = select.per === 'seeds' ? bestOver(candidates, select) : undefined;
  const seeds = [...new Set(rows.flatMap(({ runs, leftOut }) => [...runs, ...leftOut].map(({ seed }) => seed)))];
  const found = seeds.map((seed) => ({
    seed,
    found: select.per === 'seeds' ? runOf(best, seed) : bestOf(candidates, seed, select),
  }));
  const choices = found.flatMap(({ found }) => found ?? []);
  return {
    name: `${method}, ${listed(labels)} chosen on ${select.metric.split('.')[0]}`,
    method,
    at: [],
    runs: choices.map(({ run }) => run),
    leftOut: found.flatMap(({ seed, found }) => (found === undefined ? [nothingToChoose(seed, select)] : [])),
    chosen: {
      labels,
      choices: choices.map(({ run: { seed }, row }): Choice => ({ seed, row: row.name, at: row.at })),
      candidates: candidates.filter(({ leftOut }) => leftOut.length === 0).length,
      rows: rows.length,
      searchEvaluations: searchOf(rows, seeds),
    } satisfies ChosenFrom,
  };
}

interface Found {
  readonly row: RowRuns;
  readonly run: CountedRun;
}

function requireHeldOut({ metric }: Selection): void {
  if (/^(train|validation)\.\w+$/.test(metric)) return;
  throw new FlatminError(
    'RUN_INVALID',
    `select.metric is ${show(metric)}. Use train.<metric> or validation.<metric>: nothing is chosen on the test part.`,
  );
}

function nothingToChoose(seed: number, { per }: Selection): LeftOut {
  const reason = per === 'seed' ? 'has no run that is done' : 'has no value whose seeds are all done';
  return { seed, status: 'missing', reason };
}

function runOf(row: RowRuns | undefined, seed: number): Found | undefined {
  const run = row?.runs.find((run) => run.seed === seed);
  return row === undefined || run === undefined ? undefined : { row, run };
}

function bestOf(rows: readonly RowRuns[], seed: number, select: Selection): Found | undefined {
  const found = rows.flatMap((row) => runOf(row, seed) ?? []);
  return first(found, ({ row, run }) => metricOf(run.record, row, select), select);
}

function bestOver(rows: readonly RowRuns[], select: Selection): RowRuns | undefined {
  return first(rows, (row) => meanOf(row.runs.map(({ record }) => metricOf(record, row, select))), select);
}

/** The first that no other is better than; what is not a number is never chosen. */
function first<T>(values: readonly T[], of: (value: T) => number, { metric, mode }: Selection): T | undefined {
  const sign = (mode ?? modeOf(metric)) === 'max' ? 1 : -1;
  let best: { readonly value: T; readonly figure: number } | undefined;
  for (const value of values) {
    const figure = sign * of(value);
    if (!Number.isNaN(figure) && (best === undefined || figure > best.figure)) best = { value, figure };
  }
  return best?.value;
}

/** The metric at the end of a run: with its best weights where the run ended with those. */
function metricOf(record: RunRecord, { name }: RowRuns, { metric }: Selection): number {
  const [part, key] = metric.split('.') as ['train' | 'validation', string];
  const metrics: Metrics | undefined = record.best === undefined ? record.history.at(-1)?.[part] : record.best[part];
  const { scores, ...rest } = metrics ?? ({} as Partial<Metrics>);
  const all = new Map<string, number>(Object.entries({ ...rest, ...scores } as Record<string, number>));
  const value = all.get(key);
  if (value !== undefined) return value;
  throw new FlatminError(
    'RUN_INVALID',
    `select.metric is ${show(metric)}, which seed ${record.seed} of ${name} did not evaluate at its end` +
      `${all.size > 0 ? `. Use one of ${[...all.keys()].map((known) => `${part}.${known}`).join(', ')}` : ''}` +
      `${all.size > 0 ? '.' : `. Add ${show(part)} to evaluate.parts, and give the data set such a part.`}`,
  );
}

/** The options in which the rows differ. */
function labelsOf(rows: readonly RowRuns[]): readonly string[] {
  const paths = [...new Set(rows.flatMap(({ at }) => at.map(({ path }) => path)))];
  const valueOf = (at: readonly Coordinate[], path: string) => at.find((one) => one.path === path)?.value.label;
  const varying = paths.filter((path) => new Set(rows.map(({ at }) => valueOf(at, path))).size > 1);
  return varying.map((path) => rows.flatMap(({ at }) => at).find((one) => one.path === path)?.label ?? path);
}

function searchOf(rows: readonly RowRuns[], seeds: readonly number[]): number {
  const ofSeed = (seed: number): number =>
    rows.reduce((sum, row) => sum + (runOf(row, seed)?.run.record.gradientEvaluations ?? 0), 0);
  return meanOf(seeds.map(ofSeed));
}
