import type { Metrics } from '@flatmin/training';
import type { Axis, Coordinate, Row, Selection } from '../grid/grid.js';
import { type RunConfig, runConfigSchema } from '../config/runConfig.js';
import type { RunRecord } from '../run/runRecord.js';
import type { CellOutcome, GridResults } from './results.js';

/** A run with these test metrics after its epochs. */
export function record(
  method: string,
  seed: number,
  tests: readonly Partial<Metrics>[],
  more: Partial<RunRecord> = {},
): RunRecord {
  return {
    method,
    seed,
    history: tests.map((test, i) => ({
      epoch: i + 1,
      step: 10 * (i + 1),
      learningRate: 0.1,
      loss: 1,
      radius: null,
      gradientEvaluations: 20 * (i + 1),
      validation: { loss: 1, ...test },
      test: { loss: 1, ...test },
    })),
    radii: [],
    radiiEvery: 1,
    learnsRadius: false,
    steps: 10 * tests.length,
    gradientEvaluations: 20 * tests.length,
    seconds: 2,
    stopped: false,
    ...more,
  };
}

export const config: RunConfig = runConfigSchema.parse({
  dataset: { use: 'toy' },
  model: { use: 'mlp' },
  optimizer: { use: 'sgd' },
  epochs: 1,
  batchSize: 8,
});

/** A swept option as rows have it. */
export function at(path: string, value: number): Coordinate {
  return { path, label: path.split('.').at(-1) as string, value: { label: String(value), value } };
}

export type Outcome = CellOutcome | readonly number[];

export interface GivenRow {
  readonly method: string;
  readonly at?: readonly Coordinate[];
  /** Of each seed; a list of numbers is the test accuracy after each epoch. */
  readonly outcomes: readonly (Outcome | number)[];
  readonly gradientEvaluations?: number;
}

export interface GivenTask {
  readonly name?: string;
  readonly at?: readonly Coordinate[];
  readonly rows: readonly GivenRow[];
}

export const nameOf = ({ method, at = [] }: Pick<GivenRow, 'method' | 'at'>): string =>
  [method, ...at.map(({ label, value }) => `${label} ${value.label}`)].join(', ');

/** Results of a grid whose seeds are 0, 1, ... */
export function gridResults(
  tasks: readonly GivenTask[],
  {
    select,
    axes = [],
    reference,
  }: { readonly select?: Selection; readonly axes?: readonly Axis[]; readonly reference?: string } = {},
): GridResults {
  const cells = tasks.flatMap(({ name = '', rows }) =>
    rows.flatMap((row) =>
      row.outcomes.map((outcome, seed) => ({
        cell: { task: name, row: nameOf(row), method: row.method, seed, config },
        outcome: outcomeOf(outcome, row, seed),
      })),
    ),
  );
  const [first] = tasks;
  return {
    grid: {
      tasks: tasks.map(({ name = '', at = [], rows }) => ({
        name,
        at,
        rows: rows.map((row): Row => ({ name: nameOf(row), method: row.method, at: row.at ?? [] })),
      })),
      cells: cells.map(({ cell }) => cell),
      axes,
      reference: reference ?? (first?.rows[0]?.method as string),
      seeds: (first?.rows[0]?.outcomes ?? []).map((_, seed) => seed),
      ...(select && { select }),
    },
    outcomes: cells.map(({ outcome }) => outcome),
  };
}

function outcomeOf(given: Outcome | number, row: GivenRow, seed: number): CellOutcome {
  if (typeof given !== 'number' && 'status' in given) return given;
  const accuracies = typeof given === 'number' ? [given] : given;
  const more = row.gradientEvaluations === undefined ? {} : { gradientEvaluations: row.gradientEvaluations };
  return {
    status: 'done',
    record: record(
      nameOf(row),
      seed,
      accuracies.map((accuracy) => ({ accuracy })),
      more,
    ),
  };
}
