import type { Coordinate, Selection } from '../grid/grid.js';
import type { RunRecord } from '../run/runRecord.js';
import { type Estimate, estimateOf, extremesOf, meanOf } from './estimate.js';
import { holm } from './holm.js';
import { endOf, type ResultName, resultOf, scoresOf } from './judged.js';
import { type PairedTest, pairedTest } from './pairedTest.js';
import type { GridResults } from './results.js';
import type { ChosenFrom, CountedRun, LeftOut, RowRuns, TaskRuns } from './rowRuns.js';
import { rowsOf } from './rows.js';

/** The statistics of a grid's runs: plain data, with all digits. */
export interface Comparison {
  readonly tasks: readonly ComparedTask[];
  /** The method that others are compared to. */
  readonly reference: string;
  readonly select?: Selection;
}

export interface ComparedTask {
  /** Empty if there is only one task. */
  readonly name: string;
  readonly at: readonly Coordinate[];
  /** What rows are compared by, on the test part at the end of each run. */
  readonly result: ResultName;
  /** True if a larger result is better. */
  readonly moreIsBetter: boolean;
  /** The data set's own scores. */
  readonly scores: readonly string[];
  /** The row that the others are compared to; absent if the task has one row, or none of the reference method. */
  readonly reference?: string;
  readonly rows: readonly ComparedRow[];
}

export interface ComparedRow {
  readonly name: string;
  readonly method: string;
  readonly at: readonly Coordinate[];
  /** The planned number of runs. */
  readonly planned: number;
  readonly leftOut: readonly LeftOut[];
  /** The result of each seed that counts; empty if none does. */
  readonly seeds: readonly { readonly seed: number; readonly result: number }[];
  /** Over `seeds`; absent, like everything that follows, if there are none. */
  readonly result?: Estimate;
  readonly scores: Readonly<Record<string, Estimate>>;
  /** rho at the end; absent if the method has none. */
  readonly radius?: Estimate;
  readonly learnsRadius: boolean;
  readonly cost?: Cost;
  /** Absent for the reference, for a row with the same runs, and if no seed is in both rows. */
  readonly difference?: Difference;
  /** For a row whose options were chosen on held-out data. */
  readonly chosen?: ChosenFrom;
}

/** The cost of one run, the mean over the seeds. */
export interface Cost {
  readonly gradientEvaluations: number;
  /** Gradient evaluations over those of the reference. */
  readonly ratio?: number;
  readonly seconds: number;
  /** In bytes, the largest of the runs; absent if one did not record it. */
  readonly peakMemory?: number;
}

/** Row minus reference, over the seeds that both have. */
export interface Difference extends Estimate {
  /** Absent for one pair. */
  readonly test?: PairedTest & {
    /** Corrected by Holm, over all differences of the task. */
    readonly corrected: number;
  };
  /** By the corrected p at 0.05. */
  readonly verdict: 'above' | 'below' | 'not told apart';
  /** If it is told apart: whether the row is better. */
  readonly isBetter?: boolean;
}

/** The corrected p below which rows are told apart. */
export const level = 0.05;

/**
 * The statistics of a comparison: per row mean, standard error and 95 % interval over the seeds, and the paired
 * difference to the reference with its interval, test and corrected p.
 *
 * @throws FlatminError RUN_INVALID if an option is to be chosen on the test part, or by a metric that was not
 *   evaluated.
 */
export function compared(results: GridResults): Comparison {
  const { reference, select } = results.grid;
  const tasks = rowsOf(results).map((task) => comparedTask(task, reference));
  return { tasks, reference, ...(select && { select }) };
}

function comparedTask({ name, at, result, rows }: TaskRuns, method: string): ComparedTask {
  const reference = referenceOf(rows, method);
  const differences = differencesOf(rows, reference, result);
  const moreIsBetter = result === 'accuracy';
  const evaluations = reference && evaluationsOf(reference.runs);
  const summaries = rows.map((row): ComparedRow => {
    const found = differences.get(row);
    return {
      ...summaryOf(row, result, evaluations),
      ...(found && { difference: judged(found, moreIsBetter) }),
    };
  });
  return {
    name,
    at,
    result,
    moreIsBetter,
    scores: [...new Set(summaries.flatMap(({ scores }) => Object.keys(scores)))],
    ...(reference && { reference: reference.name }),
    rows: summaries,
  };
}

/** The row of the reference method: the chosen one, else its first. */
function referenceOf(rows: readonly RowRuns[], method: string): RowRuns | undefined {
  if (rows.length < 2) return undefined;
  const own = rows.filter((row) => row.method === method);
  return own.find(({ chosen }) => chosen !== undefined) ?? own[0];
}

function summaryOf({ runs, ...row }: RowRuns, result: ResultName, reference: number | undefined): ComparedRow {
  const seeds = runs.map(({ seed, record }) => ({ seed, result: resultOf(endOf(record), result) }));
  const plain = {
    name: row.name,
    method: row.method,
    at: row.at,
    planned: runs.length + row.leftOut.length,
    leftOut: row.leftOut,
    seeds,
    ...(row.chosen && { chosen: row.chosen }),
    learnsRadius: runs.some(({ record }) => record.learnsRadius),
  };
  if (runs.length === 0) return { ...plain, scores: {} };
  const radii = runs.flatMap(({ record }) => record.radii.at(-1)?.radius ?? []);
  return {
    ...plain,
    result: estimateOf(seeds.map((seed) => seed.result)),
    scores: scoreEstimates(runs, result),
    ...(radii.length > 0 && { radius: estimateOf(radii) }),
    cost: costOf(runs, reference),
  };
}

/** The scores that every run has, in the order of the data set. */
function scoreEstimates(runs: readonly CountedRun[], result: ResultName): Readonly<Record<string, Estimate>> {
  const ends = runs.map(({ record }) => scoresOf(endOf(record), result));
  const names = Object.keys(ends[0] ?? {}).filter((name) => ends.every((end) => Number.isFinite(end[name])));
  return Object.fromEntries(names.map((name) => [name, estimateOf(ends.map((end) => end[name] as number))]));
}

function evaluationsOf(runs: readonly CountedRun[]): number | undefined {
  return runs.length === 0 ? undefined : meanOf(runs.map(({ record }) => record.gradientEvaluations));
}

function costOf(runs: readonly CountedRun[], reference: number | undefined): Cost {
  const gradientEvaluations = evaluationsOf(runs) as number;
  const peaks = runs.flatMap(({ record }) => record.peakMemory ?? []);
  return {
    gradientEvaluations,
    ...(reference !== undefined && reference > 0 && { ratio: gradientEvaluations / reference }),
    seconds: meanOf(runs.map(({ record }) => record.seconds)),
    ...(peaks.length === runs.length && { peakMemory: peaks.reduce((most, peak) => Math.max(most, peak)) }),
  };
}

type Found = Estimate & Pick<Difference, 'test'>;

/** The differences of a task, with p corrected for their number. Rows of the same runs have the same one. */
function differencesOf(
  rows: readonly RowRuns[],
  reference: RowRuns | undefined,
  result: ResultName,
): ReadonlyMap<RowRuns, Found> {
  if (reference === undefined) return new Map();
  const same = sameRuns(rows);
  const others = rows.filter((row) => row !== reference && same(row) !== same(reference));
  const distinct = new Map<string, { estimate: Estimate; test: PairedTest | undefined }>();
  for (const row of others) {
    const pairs = pairsOf(row, reference, result);
    if (pairs.length === 0 || distinct.has(same(row))) continue;
    const differences = pairs.map(([a, b]) => a - b);
    const { greatest: scale } = extremesOf(pairs.flat().map(Math.abs));
    distinct.set(same(row), { estimate: estimateOf(differences), test: pairedTest(differences, scale) });
  }
  const tested = [...distinct].flatMap(([key, { test }]) => (test === undefined ? [] : [{ key, test }]));
  const corrected = holm(tested.map(({ test }) => test.p));
  const testOf = new Map(tested.map(({ key, test }, i) => [key, { ...test, corrected: corrected[i] as number }]));
  return new Map(
    others.flatMap((row) => {
      const [found, test] = [distinct.get(same(row)), testOf.get(same(row))];
      return found === undefined ? [] : [[row, { ...found.estimate, ...(test && { test }) }] as const];
    }),
  );
}

/** A key that rows of the same runs share: a chosen row may be another row again, which is no further comparison. */
function sameRuns(rows: readonly RowRuns[]): (row: RowRuns) => string {
  const records = [...new Set<RunRecord>(rows.flatMap(({ runs }) => runs.map(({ record }) => record)))];
  const numbers = new Map(records.map((record, i) => [record, i]));
  const keys = new Map(
    rows.map((row, i) => {
      const own = row.runs.map(({ record }) => numbers.get(record) as number).sort((a, b) => a - b);
      return [row, own.length === 0 ? `row ${i}` : own.join()];
    }),
  );
  return (row) => keys.get(row) as string;
}

function pairsOf(row: RowRuns, reference: RowRuns, result: ResultName): readonly (readonly [number, number])[] {
  const valueOf = ({ record }: CountedRun): number => resultOf(endOf(record), result);
  return row.runs.flatMap((run) => {
    const other = reference.runs.find(({ seed }) => seed === run.seed);
    return other === undefined ? [] : [[valueOf(run), valueOf(other)] as const];
  });
}

function judged(found: Found, moreIsBetter: boolean): Difference {
  const isTold = found.test !== undefined && found.test.corrected < level;
  if (!isTold) return { ...found, verdict: 'not told apart' };
  return { ...found, verdict: found.mean > 0 ? 'above' : 'below', isBetter: found.mean > 0 === moreIsBetter };
}
