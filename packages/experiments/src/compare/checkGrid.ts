import type { FlatminContainer } from '@flatmin/core';
import { ProblemList } from '@flatmin/core/internal';
import type { DataSet } from '@flatmin/core/plugin';
import type { Cell, Grid } from '../grid/grid.js';
import { experimentOf } from '../run/checkRun.js';
import { dataPrint } from '../run/dataPrint.js';
import { openData, prepareParts, problemsOfOptimizer } from '../run/prepare.js';

/** What is known of a cell once its data is. */
export interface CheckedCell {
  readonly cell: Cell;
  /** As `dataPrint` tells it. */
  readonly data: string;
  readonly stepsPerEpoch: number;
}

/**
 * Refuses a grid of which a run could not begin, before any does: opens each data set and builds each model once, and
 * checks every row's optimizer for them. The backend has to be loaded.
 *
 * @param say is told what is read, as it may take long.
 * @throws FlatminError with all that is wrong, by path; once where several rows have it.
 */
export async function checkGrid(
  { tasks, cells }: Pick<Grid, 'tasks' | 'cells'>,
  container: FlatminContainer,
  { file, say }: { readonly file: string; readonly say: (line: string) => void },
): Promise<readonly CheckedCell[]> {
  const problems = new ProblemList();
  const said = new Set<string>();
  const known = new DataSets(container, problems, say);
  const facts = new Map<string, Omit<CheckedCell, 'cell'>>();
  for (const task of tasks) {
    const rows = task.rows.flatMap(
      ({ name }) => cells.find((cell) => cell.task === task.name && cell.row === name) ?? [],
    );
    const [first] = rows;
    if (first === undefined) continue;
    const own = new ProblemList();
    const found = await known.open(first);
    if (found === undefined) continue;
    const parts = await prepareParts(experimentOf(first.config, first.seed), found.dataset, container, own);
    for (const { config, seed } of rows) {
      own.addAll(problemsOfOptimizer(experimentOf(config, seed), parts, container), 'optimizer');
    }
    parts.dispose();
    const { size } = found.dataset.train;
    facts.set(task.name, { data: found.data, stepsPerEpoch: Math.ceil(size / first.config.batchSize) });
    for (const problem of own.all) {
      const key = JSON.stringify([problem.path, problem.message, problem.value]);
      if (!said.has(key)) problems.addAll([problem], '');
      said.add(key);
    }
  }
  problems.throwAll(file);
  return cells.map((cell) => ({ cell, ...(facts.get(cell.task) as Omit<CheckedCell, 'cell'>) }));
}

/** Data sets that are opened one at a time, each once in a row: one may take much memory. */
class DataSets {
  readonly #container: FlatminContainer;
  readonly #problems: ProblemList;
  readonly #say: (line: string) => void;
  #last: { readonly key: string; readonly dataset: DataSet; readonly data: string } | undefined;

  constructor(container: FlatminContainer, problems: ProblemList, say: (line: string) => void) {
    this.#container = container;
    this.#problems = problems;
    this.#say = say;
  }

  async open({
    config: { dataset: spec },
  }: Cell): Promise<{ readonly dataset: DataSet; readonly data: string } | undefined> {
    const key = JSON.stringify(spec);
    if (this.#last?.key === key) return this.#last;
    this.#last = undefined;
    this.#say(`Reading data: ${spec.use}`);
    const dataset = await openData({ dataset: spec }, this.#container, this.#problems);
    if (dataset === undefined) return undefined;
    this.#last = { key, dataset, data: await dataPrint(dataset) };
    return this.#last;
  }
}
