import type { Metrics } from '@flatmin/training';
import type { RunRow } from './runRow.js';

/** A value of a column. */
export type FlatValue = string | number | undefined;

/** A row as a table has it: one value a column, `test_accuracy`, in the order of the columns. */
export type FlatRow = Readonly<Record<string, FlatValue>>;

/** The columns of a row of a list of runs. */
export function flatRow(row: RunRow): FlatRow {
  return {
    folder: row.folder,
    method: row.method,
    dataset: row.dataset,
    model: row.model,
    seed: row.seed,
    status: row.status,
    reason: row.reason,
    epochs: row.epochs,
    steps: row.steps,
    gradient_evaluations: row.gradientEvaluations,
    seconds: row.seconds,
    ...flatMetrics('train', row.train),
    ...flatMetrics('validation', row.validation),
    ...flatMetrics('test', row.test),
    best_value: row.best?.value,
    best_epoch: row.best?.epoch,
    best_step: row.best?.step,
    rho: row.rho,
    batch_size: row.batchSize,
    learning_rate: row.learningRate,
    created: row.created,
  };
}

/** The columns of some rows: those of each, in order. */
export function columnsOfRows(rows: readonly FlatRow[]): readonly string[] {
  const columns: string[] = [...Object.keys(rows[0] ?? {})];
  for (const row of rows) {
    const names = Object.keys(row);
    names.forEach((name, i) => {
      // Behind the one that it follows.
      if (!columns.includes(name)) columns.splice(columns.indexOf(names[i - 1] as string) + 1, 0, name);
    });
  }
  return columns;
}

/** Loss and accuracy are columns of any table, the others where a run has them. */
function flatMetrics(part: string, metrics: Metrics | undefined): FlatRow {
  const { scores, ...others } = metrics ?? ({} as Partial<Metrics>);
  const all = Object.entries({ loss: undefined, accuracy: undefined, ...others, ...scores });
  return Object.fromEntries(all.map(([name, value]) => [`${part}_${snakeCase(name)}`, value]));
}

/** rootMeanSquaredError: root_mean_squared_error. */
const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
