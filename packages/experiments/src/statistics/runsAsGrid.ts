import type { RunConfig } from '../config/runConfig.js';
import type { RunRecord } from '../run/runRecord.js';
import type { CellOutcome, GridResults } from './results.js';

/**
 * Runs of one task as the results of a grid: a row a method, the first of them the reference.
 *
 * @param seeds those that there are to be; each method that lacks one has it missing.
 */
export function runsAsGrid(runs: readonly RunRecord[], config: RunConfig, seeds: readonly number[]): GridResults {
  const methods = [...new Set(runs.map(({ method }) => method))];
  const cells = methods.flatMap((method) =>
    seeds.map((seed) => ({ task: '', row: method, method, seed, config: { ...config, seed, seeds: [seed] } })),
  );
  const hasEnded = ({ stopped, failure }: RunRecord): boolean => !stopped && failure === undefined;
  // Where none of a method has ended, what there is is shown.
  const isShown = (run: RunRecord): boolean =>
    hasEnded(run) || !runs.some((other) => other.method === run.method && hasEnded(other));
  return {
    grid: {
      tasks: [{ name: '', at: [], rows: methods.map((method) => ({ name: method, method, at: [] })) }],
      cells,
      axes: [],
      reference: methods[0] ?? '',
      seeds,
    },
    outcomes: cells.map(({ method, seed }): CellOutcome => {
      const record = runs.find((run) => run.method === method && run.seed === seed);
      if (record === undefined) return { status: 'missing' };
      if (record.failure !== undefined) return { status: 'diverged', record, reason: record.failure };
      return { status: isShown(record) ? 'done' : 'interrupted', record };
    }),
  };
}
