import type { TopLevelSpec } from 'vega-lite';
import { domainOf } from './focus.js';
import type { Drawing } from './chart.js';
import type { DrawnTask } from './drawnTask.js';
import { colorBy, look, scaleOver, shapeBy, type Width } from './look.js';
import { resultTitle } from './titles.js';

/** The result by what a run cost; undefined where there is one row. */
export function costChart({ rows, curves, series, inside, name, result }: DrawnTask): Drawing | undefined {
  if (rows.length < 2) return undefined;
  // Each value of a sweep costs the same: the rows that curves are of say it all.
  const kept = curves.filter((row) => inside.has(row.name));
  const [low, high] = domainOf(
    kept.flatMap(({ seeds, result: { mean } }) => [mean, ...seeds.map((seed) => seed.result)]),
  );
  const within = (value: number): number => Math.min(high, Math.max(low, value));
  const values = kept.map(({ key, name: row, cost, result: { mean, interval = { low: mean, high: mean } } }) => ({
    key,
    row,
    cost: cost.gradientEvaluations,
    mean,
    low: within(interval.low),
    high: within(interval.high),
  }));
  const missing = curves.length - kept.length;
  return {
    id: 'cost',
    task: name,
    heading: `${resultTitle(result)} by cost`,
    caption:
      'Gradient evaluations of one run, the mean over the seeds; the bar is the 95 % interval of the result.' +
      (missing === 0 ? '' : ` ${missing === 1 ? 'One row is' : `${missing} rows are`} far outside.`),
    draw: (width: Width): TopLevelSpec => {
      const x = { field: 'cost', type: 'quantitative', scale: { zero: true, nice: true }, axis: { title: 'gradient evaluations of a run', grid: false, tickCount: width > 400 ? 8 : 4 } } as const; // prettier-ignore
      const y = (field: string) => ({ field, type: 'quantitative', scale: scaleOver(low, high), axis: { title: resultTitle(result), format: '.3~f' } }) as const; // prettier-ignore
      const color = colorBy('key', series, width);
      return {
        width,
        height: 260,
        config: { ...look, legend: { ...look.legend, symbolSize: 90, symbolStrokeWidth: 1 } },
        data: { values },
        layer: [
          { mark: { type: 'rule', strokeWidth: 1.6 }, encoding: { x, y: y('low'), y2: { field: 'high' }, color } }, // prettier-ignore
          {
            mark: { type: 'point', filled: true, size: 110, opacity: 1 },
            encoding: { x, y: y('mean'), color, shape: { ...shapeBy('key', series), legend: color.legend } },
          },
        ],
      };
    },
  };
}
