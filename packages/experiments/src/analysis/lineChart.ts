import type { PartName } from '@flatmin/training';
import type { TopLevelSpec } from 'vega-lite';
import { listed, whole } from '../statistics/figures.js';
import type { Drawing } from '../report/chart.js';
import { logarithmicTicks } from '../report/logarithmicTicks.js';
import { colorBy, dashBy, ink, look, type Series, type Width } from '../report/look.js';
import { numberText } from './numberText.js';
import type { Analysis, LineAnalysis, RunAnalysis } from './results.js';

/** A point of the line: of a part, in a stretch without gaps. */
interface LinePoint {
  readonly series: string;
  readonly stretch: string;
  readonly alpha: number;
  readonly value: number;
}

/** The points of a part; where one has no finite value the line has a gap. */
export function stretchesOf(series: string, alpha: readonly number[], values: readonly number[]): readonly LinePoint[] {
  let stretch = 0;
  return values.flatMap((value, i) => {
    if (Number.isFinite(value)) return [{ series, stretch: `${series} ${stretch}`, alpha: alpha[i] as number, value }];
    stretch += 1;
    return [];
  });
}

/** Times the least value from which on the axis of the loss is logarithmic. */
const wide = 30;

/** The loss on the line through two runs and beyond, and the metric below it. */
export function lineChart(line: LineAnalysis, runs: readonly RunAnalysis[], barrier: Analysis['barrier']): Drawing {
  const { alpha, losses, metric, metrics, examples, distance } = line;
  const [first, second] = runs.map(({ name }) => name);
  const parts = Object.keys(losses) as readonly PartName[];
  const series = parts.map((part, i): Series => ({ name: part, index: i === 0 ? 2 : 6 }));
  const pointsOf = (of: LineAnalysis['losses']): readonly LinePoint[] =>
    parts.flatMap((part) => stretchesOf(part, alpha, of[part] ?? []));
  const data = parts.map((part) => `${whole(examples[part] ?? NaN)} ${part} examples`);
  const barriers = parts.map((part) => `${numberText(barrier?.[part]?.barrier ?? NaN)} (${part})`);
  const missing = parts.reduce(
    (sum, part) => sum + (losses[part] ?? []).filter((loss) => !Number.isFinite(loss)).length,
    0,
  );
  return {
    id: 'line',
    task: '',
    heading: `between ${first} and ${second}, and beyond`,
    caption:
      `On the straight line through both, which are ${numberText(distance)} apart in weight space: 0 is ${first}, 1 is ${second}; ${alpha.length} points, each measured on ${listed(data)}. ` +
      `The barrier, the highest rise of the loss above the straight line between the two, is ${listed(barriers)}.` +
      (missing === 0
        ? ''
        : ` At ${missing} ${missing === 1 ? 'point' : 'points'} the loss is not a finite number: the lines have gaps there.`),
    draw: (width: Width): TopLevelSpec => {
      const panel = (points: readonly LinePoint[], title: string, isLast: boolean): object =>
        drawn({ points, title, series, isLast, ends: [first ?? '', second ?? ''] }, width);
      const shown = metric !== undefined && metrics ? pointsOf(metrics) : [];
      const panels = [
        panel(pointsOf(losses), 'loss', shown.length === 0),
        ...(shown.length > 0 ? [panel(shown, metric ?? '', true)] : []),
      ];
      const resolve = { scale: { color: 'independent', strokeDash: 'independent' } };
      return { config: look, spacing: 16, vconcat: panels, resolve } as TopLevelSpec;
    },
  };
}

/** Ticks that an axis has at most. */
const mostTicks = 10;

/** Ticks of a logarithmic axis: where it spans many decades powers of ten alone, and of those not all. */
export function ticksOf(values: readonly number[]): readonly number[] {
  const all = logarithmicTicks(values);
  if (all.length <= mostTicks) return all;
  const powers = all.filter((tick) => Math.abs(Math.log10(tick) - Math.round(Math.log10(tick))) < 1e-9);
  return powers.filter((_, i) => i % Math.ceil(powers.length / mostTicks) === 0);
}

interface Panel {
  readonly points: readonly LinePoint[];
  readonly title: string;
  readonly series: readonly Series[];
  readonly isLast: boolean;
  /** Names of the runs at 0 and at 1. */
  readonly ends: readonly [string, string];
}

function drawn({ points, title, series, isLast, ends }: Panel, width: Width): object {
  const values = points.map(({ value }) => value);
  const [least, greatest] = [Math.min(...values), Math.max(...values)];
  const isLogarithmic = title === 'loss' && least > 0 && greatest > wide * least;
  const x = {
    field: 'alpha',
    type: 'quantitative',
    scale: { nice: false, zero: false },
    axis: { title: isLast ? 'place on the line' : null, grid: false, labels: isLast, tickCount: 9 },
  } as const;
  const y = {
    field: 'value',
    type: 'quantitative',
    scale: isLogarithmic ? { type: 'log', nice: false } : { zero: false, nice: true },
    axis: {
      title: isLogarithmic ? `${title} (logarithmic)` : title,
      format: '~g',
      ...(isLogarithmic && { values: [...ticksOf(values)] }),
      ...(!isLogarithmic && { tickCount: 5 }),
    },
  } as const;
  const color = { ...colorBy('series', series, width), ...(!isLast && { legend: null }) };
  const marks = { values: ends.map((label, alpha) => ({ alpha, label })) };
  return {
    width,
    height: title === 'loss' ? (width > 400 ? 280 : 240) : 150,
    layer: [
      { data: marks, mark: { type: 'rule', stroke: ink, strokeDash: [3, 3], strokeWidth: 1 }, encoding: { x } },
      ...(title === 'loss'
        ? [
            {
              data: marks,
              mark: { type: 'text', dy: -8, y: 0, baseline: 'bottom', limit: width > 400 ? 300 : 130 },
              encoding: { x, text: { field: 'label', type: 'nominal' } },
            },
          ]
        : []),
      {
        data: { values: points },
        mark: { type: 'line', strokeWidth: 2, point: { size: 22 } },
        encoding: {
          x,
          y,
          color,
          detail: { field: 'stretch', type: 'nominal' },
          strokeDash: { ...dashBy('series', series), legend: color.legend },
        },
      },
    ],
  };
}
