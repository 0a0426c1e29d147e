import type { TopLevelSpec } from 'vega-lite';
import type { Axis, Coordinate } from '../grid/grid.js';
import { figure } from '../statistics/figures.js';
import type { Drawing } from './chart.js';
import type { DrawnRow, DrawnTask } from './drawnTask.js';
import { domainOf, focusOf } from './focus.js';
import { logarithmicTicks } from './logarithmicTicks.js';
import { colorBy, dashBy, look, scaleOver, type Series, styleOf, type Width } from './look.js';
import { resultTitle } from './titles.js';

/** A row where it is swept: on which line, at which value. */
export interface SweptPoint {
  readonly row: string;
  readonly line: string;
  readonly method: string;
  readonly value: Coordinate['value'];
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  readonly seeds: readonly number[];
}

/** A row that an axis does not move: a line across, with its interval as a band. */
export type FlatLine = Omit<SweptPoint, 'value'>;

/** What is swept together is drawn together: `methods.SAM.rho` and `methods.ASAM.rho` are one chart. */
export function lastKey(path: string): string {
  return path.split('.').at(-1) as string;
}

/** More lines than these nobody can tell apart. */
export const mostLines = 24;

export function countOfLines(points: readonly SweptPoint[]): number {
  return new Set(points.map(({ line }) => line)).size;
}

/** Of each swept option of rows: the result by its value, one line a method. */
export function sweepCharts(task: DrawnTask, axes: readonly Axis[]): readonly Drawing[] {
  const keys = [...new Set(axes.filter((axis) => axis.of === 'rows').map(({ path }) => lastKey(path)))];
  return keys.flatMap((key) => {
    const own = axes.filter((axis) => axis.of === 'rows' && lastKey(axis.path) === key);
    const isOn = (one: Coordinate): boolean => own.some(({ path }) => path === one.path);
    const swept = task.rows.filter(({ at, chosen }) => chosen === undefined && at.some(isOn));
    const points = swept.map((row): SweptPoint => {
      const others = row.at.filter((one) => !isOn(one)).map(({ label, value }) => `${label} ${value.label}`);
      const { value } = row.at.find(isOn) as Coordinate;
      return { ...pointOf(row), line: [row.method, ...others].join(', '), value };
    });
    if (new Set(points.map(({ value }) => value.label)).size < 2 || countOfLines(points) > mostLines) return [];
    const flat = task.rows.filter((row) => !swept.includes(row) && (row.chosen !== undefined || row.at.length === 0));
    const lines = flat.map((row): FlatLine => ({ ...pointOf(row), line: row.name }));
    const scale = own.every((axis) => axis.scale === 'log') ? 'log' : own.some((axis) => axis.scale === 'nominal') ? 'nominal' : 'linear'; // prettier-ignore
    return [
      {
        id: `by-${key}`,
        task: task.name,
        heading: `${resultTitle(task.result)} by ${key}`,
        caption:
          `The mean over the seeds at each ${key}, with its 95 % interval.` +
          (lines.length > 0
            ? ' A horizontal line is a row that does not have this option, learns it, or had it chosen.'
            : ''),
        draw: (width: Width) => drawSweep({ points, lines, scale, key, task }, width),
      },
    ];
  });
}

export function pointOf({ name, method, result: { mean, interval = { low: mean, high: mean } }, seeds }: DrawnRow) {
  return { row: name, line: name, method, mean, ...interval, seeds: seeds.map(({ result }) => result) };
}

interface Swept {
  readonly points: readonly SweptPoint[];
  readonly lines: readonly FlatLine[];
  readonly scale: Axis['scale'];
  readonly key: string;
  readonly task: Pick<DrawnTask, 'methods' | 'result'>;
}

export function drawSweep({ points, lines, scale, key, task }: Swept, width: Width): TopLevelSpec {
  const { inside } = focusOf(
    [...points, ...lines].map(({ row, line, seeds }) => ({ name: `${line}/${row}`, values: seeds })),
  );
  const isInside = ({ row, line }: FlatLine): boolean => inside.has(`${line}/${row}`);
  const kept = [...points, ...lines].filter(isInside);
  const [low, high] = domainOf(kept.flatMap(({ mean, seeds }) => [mean, ...seeds]));
  const within = (value: number): number => Math.min(high, Math.max(low, value));
  const shown = ({ line, mean, low, high }: FlatLine) => ({ line, mean, low: within(low), high: within(high) });
  const series = seriesOf(points, lines, task.methods);
  const at = (point: SweptPoint) => (scale === 'nominal' ? point.value.label : point.value.value);
  const color = colorBy('line', series, width);
  const styles = { strokeDash: { ...dashBy('line', series), legend: color.legend } };
  const y = (field: string) =>
    ({
      field,
      type: 'quantitative',
      scale: scaleOver(low, high),
      axis: { title: resultTitle(task.result), format: '.3~f' },
    }) as const;
  const values = points.map((point) => ({
    ...shown(point),
    at: at(point),
    shape: styleOf(series.find(({ name }) => name === point.line)?.index ?? 0).shape,
  }));
  const far = points.filter((point) => !isInside(point)).map((point) => ({ at: at(point), edge: point.mean < low ? low : high, text: `${point.mean < low ? '↓' : '↑'} ${figure(point.mean)}`, isLow: point.mean < low })); // prettier-ignore
  const x = xOf(points, scale, key, width);
  return {
    width,
    height: width > 400 ? 320 : 260,
    config: look,
    layer: [
      { data: { values: lines.filter(isInside).map(shown) }, mark: { type: 'rect', opacity: 0.08 }, encoding: { y: y('low'), y2: { field: 'high' }, color } }, // prettier-ignore
      { data: { values: lines.filter(isInside).map(shown) }, mark: { type: 'rule', strokeWidth: 2 }, encoding: { y: y('mean'), color, ...styles } }, // prettier-ignore
      {
        data: { values },
        mark: { type: 'line', strokeWidth: 2, clip: true },
        encoding: { x, y: y('mean'), color, ...styles },
      },
      { data: { values: values.filter((_, i) => isInside(points[i] as SweptPoint)) }, mark: { type: 'rule', strokeWidth: 1.6 }, encoding: { x, y: y('low'), y2: { field: 'high' }, color } }, // prettier-ignore
      {
        data: { values: values.filter((_, i) => isInside(points[i] as SweptPoint)) },
        mark: { type: 'point', filled: true, size: 75, opacity: 1 },
        encoding: { x, y: y('mean'), color, shape: { field: 'shape', type: 'nominal', scale: null, legend: null } },
      },
      ...[true, false].map(
        (isLow) =>
          ({
            data: { values: far.filter((one) => one.isLow === isLow) },
            mark: { type: 'text', fontWeight: 600, baseline: isLow ? 'bottom' : 'top', dy: isLow ? -3 : 3 },
            encoding: { x, y: y('edge'), text: { field: 'text', type: 'nominal' } },
          }) as const,
      ),
    ],
  };
}

/** A line has the style of its method, unless the method has several. */
function seriesOf(
  points: readonly SweptPoint[],
  lines: readonly FlatLine[],
  methods: readonly string[],
): readonly Series[] {
  const swept = [...new Map(points.map((point) => [point.line, point.method]))];
  const isOneEach = new Set(swept.map(([, method]) => method)).size === swept.length;
  return [
    ...swept.map(([name, method], i) => ({ name, index: isOneEach ? methods.indexOf(method) : methods.length + i })),
    ...lines.map(({ line, method }) => ({ name: line, index: methods.indexOf(method), isFlat: true })),
  ];
}

function xOf(points: readonly SweptPoint[], scale: Axis['scale'], title: string, width: Width) {
  const labels = [...new Set(points.map(({ value }) => value.label))];
  if (scale === 'nominal') {
    return { field: 'at', type: 'nominal', scale: { type: 'point', domain: labels, padding: 0.5 }, axis: { title, labelAngle: labels.join('').length * 7 > width ? -40 : 0 } } as const; // prettier-ignore
  }
  const numbers = [...new Set(points.map(({ value }) => value.value as number))].sort((a, b) => a - b);
  const isLog = scale === 'log' && numbers.every((number) => number > 0);
  const few = numbers.length <= (width > 400 ? 9 : 5);
  const values = few ? numbers : isLog ? [...logarithmicTicks(numbers)] : undefined;
  return {
    field: 'at',
    type: 'quantitative',
    scale: {
      ...(isLog ? ({ type: 'log' } as const) : ({ type: 'linear', zero: false } as const)),
      nice: false,
      padding: 14,
    },
    axis: {
      title: isLog ? `${title} (logarithmic)` : title,
      grid: false,
      format: '~g',
      labelOverlap: true,
      ...(values && { values }),
    },
  } as const;
}
