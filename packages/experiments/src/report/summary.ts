import type { Metrics } from '@flatmin/training';
import type { RunRecord } from '../run/runRecord.js';

export interface Spread {
  readonly mean: number;
  /** Standard error of the mean; absent for a single value. */
  readonly error?: number;
  readonly least: number;
  readonly greatest: number;
}

/** What methods are compared by. */
export type ResultName = 'accuracy' | 'rootMeanSquaredError' | 'loss';

/** One row of the results: a method over its seeds. */
export interface MethodSummary {
  readonly method: string;
  /** Runs that the figures are of. */
  readonly seeds: number;
  /** Runs of the method that are not in them: see {@link leftOut}. */
  readonly leftOut: number;
  /** Accuracy on the test part; in regression, which has none, the root mean squared error, in the unit of the data. */
  readonly result: Spread;
  readonly resultName: ResultName;
  /** What the data set judges by besides, on the test part, by name. */
  readonly scores: Readonly<Record<string, Spread>>;
  /** rho at the end; absent where the method has none. */
  readonly radius?: Spread;
  readonly learnsRadius: boolean;
  /** Of one run. */
  readonly gradientEvaluations: number;
  /** Of one run, mean. */
  readonly seconds: number;
}

/** Without a spread of arguments, of which a call takes some hundred thousand at most. */
export function extremesOf(values: readonly number[]): Pick<Spread, 'least' | 'greatest'> {
  return values.reduce(
    ({ least, greatest }, value) => ({ least: Math.min(least, value), greatest: Math.max(greatest, value) }),
    { least: Infinity, greatest: -Infinity },
  );
}

export function spreadOf(values: readonly number[]): Spread {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const range = { mean, ...extremesOf(values) };
  if (values.length < 2) return range;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return { ...range, error: Math.sqrt(variance / values.length) };
}

/** The methods in the order of their first run. */
export function methodsOf(runs: readonly RunRecord[]): readonly string[] {
  return [...new Set(runs.map(({ method }) => method))];
}

/** The figure by which runs are compared. */
export function resultOf(metrics: Metrics | undefined): number {
  return metrics?.accuracy ?? metrics?.rootMeanSquaredError ?? metrics?.loss ?? NaN;
}

/** Which figure that is. */
export function resultNameOf(runs: readonly RunRecord[]): ResultName {
  const judged = runs.flatMap(({ history }) => history.flatMap(({ test }) => test ?? []));
  if (judged.every(({ accuracy }) => accuracy !== undefined)) return 'accuracy';
  // Runs that were judged by an older release have the loss alone.
  return judged.every(({ rootMeanSquaredError }) => rootMeanSquaredError !== undefined)
    ? 'rootMeanSquaredError'
    : 'loss';
}

/** Scores of the data set; of a regression, which has no accuracy, its other metrics are scores too. */
function scoresAndErrors({ meanAbsoluteError, r2, scores }: Partial<Metrics> = {}): Readonly<Record<string, number>> {
  return {
    ...(meanAbsoluteError !== undefined && { meanAbsoluteError }),
    ...(r2 !== undefined && { r2 }),
    ...scores,
  };
}

/** The scores at the end of the run, in the order of the data set. */
function scoresOf(runs: readonly RunRecord[]): Readonly<Record<string, Spread>> {
  const ends = runs.map((run) => scoresAndErrors(endOf(run)));
  const names = Object.keys(ends[0] ?? {});
  return Object.fromEntries(names.map((name) => [name, spreadOf(ends.map((scores) => scores[name] ?? NaN))]));
}

/** How the model did at the end of the run, with its best weights where it ended with those. */
const endOf = ({ best, history }: RunRecord): Metrics | undefined =>
  best === undefined ? history.at(-1)?.test : best.test;

/**
 * Why a run is in no average: a mean with a NaN in it would be none, and one of runs of unequal length would be of
 * nothing.
 */
function reasonToLeaveOut(run: RunRecord, runs: readonly RunRecord[]): string | undefined {
  if (run.failure !== undefined) return `diverged: ${run.failure}`;
  if (
    run.stopped &&
    runs.some(({ method, stopped, failure }) => method === run.method && !stopped && failure === undefined)
  ) {
    return `was interrupted at step ${run.steps}`;
  }
  const end = endOf(run);
  if (end === undefined) return 'was not judged on the test part';
  const name = resultNameOf([run]);
  return Number.isFinite(resultOf(end)) ? undefined : `ended with a test ${name} of ${resultOf(end)}`;
}

/** The runs that are in no average, each with a sentence that says why. */
export function leftOut(runs: readonly RunRecord[]): readonly { readonly run: RunRecord; readonly text: string }[] {
  return runs.flatMap((run) => {
    const reason = reasonToLeaveOut(run, runs);
    if (reason === undefined) return [];
    return [{ run, text: `${run.method}, seed ${run.seed}, is in no average: it ${reason.replace(/\.?$/, '.')}` }];
  });
}

/** The runs that averages are of. */
export function counted(runs: readonly RunRecord[]): readonly RunRecord[] {
  return runs.filter((run) => reasonToLeaveOut(run, runs) === undefined);
}

/** One summary a method. The result is that of the weights at the end of the run: nothing is picked on the test set. */
export function summarize(runs: readonly RunRecord[]): readonly MethodSummary[] {
  const all = counted(runs);
  return methodsOf(runs).map((method) => {
    const own = all.filter((run) => run.method === method);
    const radii = own.flatMap(({ radii }) => radii.at(-1)?.radius ?? []);
    return {
      method,
      seeds: own.length,
      leftOut: runs.filter((run) => run.method === method).length - own.length,
      result: spreadOf(own.map((run) => resultOf(endOf(run)))),
      resultName: resultNameOf(runs.filter((run) => run.method === method)),
      scores: scoresOf(own),
      ...(radii.length > 0 && { radius: spreadOf(radii) }),
      learnsRadius: own.some(({ learnsRadius }) => learnsRadius),
      gradientEvaluations: Math.round(spreadOf(own.map((run) => run.gradientEvaluations)).mean),
      seconds: spreadOf(own.map((run) => run.seconds)).mean,
    };
  });
}
