import type { TopLevelSpec } from 'vega-lite';
import { extremesOf } from '../statistics/estimate.js';
import type { Drawing } from './chart.js';
import type { DrawnTask } from './drawnTask.js';
import { logarithmicTicks } from './logarithmicTicks.js';
import { colorBy, dashBy, look, type Width } from './look.js';

/** More points of a run than this no chart can show. */
const mostPoints = 400;

/** rho after each logged step, one line a seed, on a logarithmic axis; undefined where no run has a rho. */
export function radiusChart(task: DrawnTask): Drawing | undefined {
  const runs = task.curves.flatMap((row) =>
    row.runs.flatMap(({ seed, record }) => {
      // A logarithmic axis has no place for 0.
      const radii = record.radii.filter(({ radius }) => radius > 0);
      const every = Math.ceil(radii.length / mostPoints);
      const points = radii.filter((_, i) => i % every === 0 || i === radii.length - 1);
      return radii.length === 0 ? [] : [{ row, seed, record, points, every: every * record.radiiEvery }];
    }),
  );
  if (runs.length === 0) return undefined;
  const every = extremesOf(runs.map((run) => run.every)).greatest;
  const values = runs.flatMap(({ row, seed, points }) =>
    points.map(({ step, radius }) => ({ key: row.key, run: `${row.name}/${seed}`, step, radius })),
  );
  const learned = new Set(task.curves.filter((row) => row.learnsRadius).map(({ key }) => key));
  return {
    id: 'radius',
    task: task.name,
    heading: 'rho by step',
    caption:
      'One line per run. Solid: learned during training. Dashed: given and fixed, the same for all seeds.' +
      (every > 1 ? ` Every ${every}th logged step is drawn, and the last one.` : ''),
    draw: (width: Width): TopLevelSpec => {
      const shown = task.series.filter(({ name }) => runs.some(({ row }) => row.key === name));
      const lines = task.series.map((one) => ({ ...one, isFlat: !learned.has(one.name) }));
      const color = colorBy('key', task.series, width, shown);
      return {
        width,
        height: width > 400 ? 320 : 260,
        config: look,
        data: { values },
        mark: { type: 'line', strokeWidth: 1.8, opacity: 0.9 },
        encoding: {
          x: {
            field: 'step',
            type: 'quantitative',
            axis: { title: 'step', grid: false, tickCount: width > 400 ? 10 : 4 },
          },
          y: {
            field: 'radius',
            type: 'quantitative',
            scale: { type: 'log', nice: false },
            axis: { title: 'rho (logarithmic)', format: '~g', values: [...logarithmicTicks(values.map(({ radius }) => radius))] }, // prettier-ignore
          },
          // The colors of the other charts, whichever rows are left here.
          color,
          detail: { field: 'run', type: 'nominal' },
          strokeDash: { ...dashBy('key', lines), legend: color.legend },
        },
      };
    },
  };
}
