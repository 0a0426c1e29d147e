import type { TopLevelSpec } from 'vega-lite';
import type { Drawing } from '../report/chart.js';
import { colorBy, look, type Series, shapeBy, type Width } from '../report/look.js';
import type { RunAnalysis } from './results.js';

/** The largest eigenvalue and the trace of each layer or role; nothing where that was not measured. */
export function blockCharts(runs: readonly RunAnalysis[]): readonly Drawing[] {
  const shown = runs.filter(({ blocks }) => blocks !== undefined);
  if (shown.length === 0) return [];
  const series = shown.map(({ name }, i): Series => ({ name, index: i + 2 }));
  return (['eigenvalue', 'trace'] as const).map((what) => {
    const heading = what === 'eigenvalue' ? 'largest eigenvalue by block' : 'trace by block';
    const values = shown.flatMap(({ name: run, blocks = [] }) =>
      blocks.map(({ name: block, eigenvalue, residual, trace }) => {
        const [value, error] = what === 'eigenvalue' ? [eigenvalue, residual] : [trace.mean, trace.standardError];
        return { run, block, value, low: value - error, high: value + error };
      }),
    );
    return {
      id: `blocks-${what}`,
      task: '',
      heading,
      caption: `Of the diagonal blocks of the Hessian, in the order of the model; the bar is ${what === 'eigenvalue' ? 'the residual' : 'one standard error over the probes'}.`,
      draw: (width: Width): TopLevelSpec => {
        const color = colorBy('run', series, width);
        const y = {
          field: 'block',
          type: 'nominal',
          sort: null,
          axis: { title: null, labelLimit: width > 400 ? 220 : 90 },
        } as const;
        const x = (field: string) =>
          ({
            field,
            type: 'quantitative',
            scale: { zero: true, nice: true },
            axis: {
              title: what === 'eigenvalue' ? 'largest eigenvalue' : 'trace',
              format: '~g',
              tickCount: width > 400 ? 8 : 4,
            },
          }) as const;
        return {
          width: width > 400 ? width - 160 : width - 60,
          height: { step: 24 },
          config: { ...look, legend: { ...look.legend, symbolSize: 90, symbolStrokeWidth: 1 } },
          data: { values: values.filter(({ value }) => Number.isFinite(value)) },
          layer: [
            { mark: { type: 'rule', strokeWidth: 1.6 }, encoding: { y, x: x('low'), x2: { field: 'high' }, color } },
            {
              mark: { type: 'point', filled: true, size: 70, opacity: 1 },
              encoding: { y, x: x('value'), color, shape: { ...shapeBy('run', series), legend: color.legend } },
            },
          ],
        };
      },
    };
  });
}
