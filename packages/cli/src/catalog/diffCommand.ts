import {
  differencesOf,
  type FlatValue,
  flatRow,
  foundConfig,
  requireRunFolder,
  rowsOf,
} from '@flatmin/experiments/internal';
import { print, printJson, printTable } from '@flatmin/experiments/terminal';
import { type Cell, fittedTable } from '../terminal/fittedTable.js';

/** What is no figure of a run. */
const told = new Set([
  'folder',
  'method',
  'dataset',
  'model',
  'seed',
  'reason',
  'batch_size',
  'learning_rate',
  'created',
]);

/** Puts two run folders side by side: where their configs differ, and the figures of each seed that one of them has. */
export async function diffCommand(a: string, b: string, { json }: { readonly json?: true }): Promise<void> {
  for (const folder of [a, b]) requireRunFolder(folder);
  const config = differencesOf(foundConfig(a).value, foundConfig(b).value);
  const figures = await figuresOf(a, b);
  if (json) {
    printJson({
      config: config.map(({ path, there, here }) => ({ path, a: there ?? null, b: here ?? null })),
      figures,
    });
    return;
  }
  print(`A: ${a}\nB: ${b}\n`);
  const shown = (value: unknown): string =>
    value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);
  printTable(
    config.length === 0
      ? 'Their configs are the same.'
      : fittedTable(
          ['config', 'A', 'B'],
          config.map(({ path, there, here }) => [path, shown(there), shown(here)]),
        ),
  );
  const cell = (value: FlatValue): Cell => value;
  printTable(
    `\n${fittedTable(
      ['run', 'figure', 'A', 'B'],
      figures.map(({ run, figure, a: of, b: other }) => [run, figure, cell(of), cell(other)]),
    )}`,
  );
}

interface Figure {
  readonly run: string;
  readonly figure: string;
  readonly a: FlatValue;
  readonly b: FlatValue;
}

/** Runs are put together by their seed; by their method too, where a folder has several. */
async function figuresOf(a: string, b: string): Promise<readonly Figure[]> {
  const both = await Promise.all([a, b].map((folder) => rowsOf(folder)));
  const hasSeveral = both.some((rows) => new Set(rows.map(({ method }) => method)).size > 1);
  const [those, these] = both.map(
    (rows) => new Map(rows.map((row) => [`${hasSeveral ? `${row.method}, ` : ''}seed ${row.seed}`, flatRow(row)])),
  );
  const runs = [...new Set([...(those?.keys() ?? []), ...(these?.keys() ?? [])])];
  return runs.flatMap((run) => {
    const [one, other] = [those?.get(run) ?? {}, these?.get(run) ?? {}];
    const names = [...new Set([...Object.keys(one), ...Object.keys(other)])].filter((name) => !told.has(name));
    return names.flatMap((figure) => {
      const [of, to] = [one[figure], other[figure]];
      return of === undefined && to === undefined ? [] : [{ run, figure, a: of, b: to }];
    });
  });
}
