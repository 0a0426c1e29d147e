import type { Metrics } from '@flatmin/training';
import type { RunRecord } from '../run/runRecord.js';

/** What methods are compared by. */
export type ResultName = 'accuracy' | 'rootMeanSquaredError' | 'loss';

/** How the model did on the test part at the end of the run: nothing is picked on the test part. */
export function endOf({ best, history }: RunRecord): Metrics | undefined {
  // Best weights that nobody judged on the test part are not judged by the last ones, which are others.
  return best === undefined ? history.at(-1)?.test : best.test;
}

/** The figure by which runs are compared, of one evaluation. */
export function resultOf(metrics: Metrics | undefined, name: ResultName): number {
  return metrics?.[name] ?? NaN;
}

/**
 * Which figure that is: accuracy; in regression, which has none, the root mean squared error, in the unit of the data;
 * loss alone where runs were judged by an older release.
 */
export function resultNameOf(runs: readonly RunRecord[]): ResultName {
  const judged = runs.flatMap(({ history }) => history.flatMap(({ test }) => test ?? []));
  if (judged.every(({ accuracy }) => accuracy !== undefined)) return 'accuracy';
  return judged.every(({ rootMeanSquaredError }) => rootMeanSquaredError !== undefined)
    ? 'rootMeanSquaredError'
    : 'loss';
}

/** Scores of the data set; of a regression, which has no accuracy, its other metrics are scores too. */
export function scoresOf(
  { meanAbsoluteError, r2, scores }: Partial<Metrics> = {},
  result: ResultName,
): Readonly<Record<string, number>> {
  const all = {
    ...(meanAbsoluteError !== undefined && { meanAbsoluteError }),
    ...(r2 !== undefined && { r2 }),
    ...scores,
  };
  return Object.fromEntries(Object.entries(all).filter(([name]) => name !== result));
}
