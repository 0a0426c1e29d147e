import type { TopLevelSpec } from 'vega-lite';
import type { Coordinate } from '../grid/grid.js';
import { figure } from '../statistics/figures.js';
import type { Drawing } from './chart.js';
import type { DrawnRow, DrawnTask } from './drawnTask.js';
import { extremesOf } from '../statistics/estimate.js';
import { focusOf } from './focus.js';
import { look, type Width } from './look.js';
import { resultTitle } from './titles.js';

/** A row where two options are swept. */
export type HeatRow = Pick<DrawnRow, 'name' | 'method' | 'at' | 'result' | 'seeds'>;

/** A heat map for each method with two swept options: the mean at each pair of values. */
export function heatCharts(task: DrawnTask): readonly Drawing[] {
  const rows = task.rows.filter(({ chosen }) => chosen === undefined);
  return heatsOf(rows, task).map((heat) => ({ ...heat, task: task.name }));
}

/** The same of a method whose one option is swept over tasks that differ in one. */
export function heatsOverTasks(tasks: readonly DrawnTask[]): readonly Drawing[] {
  const rows = tasks.flatMap((task) =>
    task.rows.flatMap((row): HeatRow[] =>
      row.chosen === undefined && row.at.length > 0
        ? [{ ...row, name: `${task.name}/${row.name}`, at: [...row.at, ...task.at] }]
        : [],
    ),
  );
  const [task] = tasks;
  return task === undefined || tasks.length < 2
    ? []
    : heatsOf(rows, task).map((heat) => ({ ...heat, id: `tasks-${heat.id}`, task: '' }));
}

function heatsOf(
  all: readonly HeatRow[],
  { result, moreIsBetter }: Pick<DrawnTask, 'result' | 'moreIsBetter'>,
): readonly Omit<Drawing, 'task'>[] {
  const methods = [...new Set(all.map(({ method }) => method))];
  return methods.flatMap((method, i) => {
    const rows = all.filter((row) => row.method === method);
    const paths = [...new Set(rows.flatMap(({ at }) => at.map(({ path }) => path)))].filter(
      (path) => new Set(rows.map(({ at }) => at.find((one) => one.path === path)?.value.label)).size > 1,
    );
    const [across, down] = paths;
    if (across === undefined || down === undefined || paths.length > 2) return [];
    const labelOf = (path: string): string =>
      rows.flatMap(({ at }) => at).find((one) => one.path === path)?.label ?? path;
    const titles = [labelOf(across), labelOf(down)] as const;
    const { inside } = focusOf(rows.map(({ name, seeds }) => ({ name, values: seeds.map((seed) => seed.result) })));
    return [
      {
        id: `heat-${i + 1}`,
        heading: `${method}: ${resultTitle(result)} by ${titles[0]} and ${titles[1]}`,
        caption: 'The mean over the seeds at each pair of values; lighter is better.',
        draw: (width: Width) => draw({ rows, inside, across, down, titles, moreIsBetter }, width),
      },
    ];
  });
}

interface Heat {
  readonly rows: readonly HeatRow[];
  readonly inside: ReadonlySet<string>;
  readonly across: string;
  readonly down: string;
  readonly titles: readonly [string, string];
  readonly moreIsBetter: boolean;
}

function draw({ rows, inside, across, down, titles, moreIsBetter }: Heat, width: Width): TopLevelSpec {
  const valueAt = (at: readonly Coordinate[], path: string) => at.find((one) => one.path === path)?.value.label ?? '';
  const kept = rows.filter(({ name }) => inside.has(name)).map(({ result }) => result.mean);
  const { least, greatest } = extremesOf(kept.length > 0 ? kept : rows.map(({ result }) => result.mean));
  const values = rows.map(({ at, result: { mean } }) => {
    // From 0, the worst, to 1, the best of those that the colors are made for.
    const share = greatest > least ? Math.min(1, Math.max(0, (mean - least) / (greatest - least))) : 1;
    const shade = moreIsBetter ? share : 1 - share;
    return { across: valueAt(at, across), down: valueAt(at, down), mean, shade, text: figure(mean) };
  });
  const ordinal = (field: 'across' | 'down', title: string) =>
    ({ field, type: 'ordinal', sort: [...new Set(values.map((value) => value[field]))], axis: { title, labelAngle: 0, domain: false, ticks: false } }) as const; // prettier-ignore
  return {
    width,
    height: { step: 40 },
    config: look,
    data: { values },
    encoding: { x: ordinal('across', titles[0]), y: ordinal('down', titles[1]) },
    layer: [
      {
        mark: { type: 'rect' },
        encoding: { color: { field: 'shade', type: 'quantitative', scale: { scheme: 'viridis', domain: [0, 1] }, legend: null } }, // prettier-ignore
      },
      {
        mark: { type: 'text', fontSize: width > 400 ? 12 : 10 },
        encoding: {
          text: { field: 'text', type: 'nominal' },
          color: { condition: { test: 'datum.shade < 0.6', value: '#ffffff' }, value: '#101010' },
        },
      },
    ],
  };
}
