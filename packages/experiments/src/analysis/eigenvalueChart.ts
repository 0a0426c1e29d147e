import type { TopLevelSpec } from 'vega-lite';
import type { Drawing } from '../report/chart.js';
import { colorBy, look, type Series, shapeBy, type Width } from '../report/look.js';
import type { CurvatureAnalysis, RunAnalysis } from './results.js';

/** What an eigenvalue chart has a color for: the matrix of a run. */
interface Spectrum {
  readonly name: string;
  readonly curvature: CurvatureAnalysis;
}

/** The largest eigenvalues of each run as dots with their errors; nothing where there are none. */
export function eigenvalueChart(runs: readonly RunAnalysis[]): readonly Drawing[] {
  const spectra = runs.flatMap(({ name, hessian, gaussNewton }): Spectrum[] => {
    const own = runs.length > 1 ? `${name}, ` : '';
    return [
      ...(hessian ? [{ name: runs.length > 1 && !gaussNewton ? name : `${own}Hessian`, curvature: hessian }] : []),
      ...(gaussNewton ? [{ name: `${own}Gauss-Newton`, curvature: gaussNewton }] : []),
    ];
  });
  if (spectra.length === 0) return [];
  const values = spectra.flatMap(({ name, curvature: { eigenvalues, eigenvalueErrors } }) =>
    eigenvalues.map((value, i) => {
      const error = eigenvalueErrors[i] ?? 0;
      return { spectrum: name, index: i + 1, value, low: value - error, high: value + error };
    }),
  );
  const series = spectra.map(({ name }, i): Series => ({ name, index: i + 2 }));
  return [
    {
      id: 'eigenvalues',
      task: '',
      heading: 'largest eigenvalues',
      caption:
        'The bar is the error: the matrix on these examples has an eigenvalue within it. Where no bar is visible, it is smaller than the dot.',
      draw: (width: Width): TopLevelSpec => {
        const color = colorBy('spectrum', series, width);
        const x = {
          field: 'index',
          type: 'ordinal',
          axis: { title: 'eigenvalue, the largest first', labelAngle: 0, grid: false },
        } as const;
        const xOffset =
          series.length > 1
            ? ({ xOffset: { field: 'spectrum', type: 'nominal', sort: series.map(({ name }) => name) } } as const)
            : {};
        const y = (field: string) =>
          ({
            field,
            type: 'quantitative',
            scale: { zero: true, nice: true },
            axis: { title: 'eigenvalue', format: '~g', tickCount: 6 },
          }) as const;
        return {
          width,
          height: width > 400 ? 280 : 240,
          config: { ...look, legend: { ...look.legend, symbolSize: 90, symbolStrokeWidth: 1 } },
          data: { values: values.filter(({ value }) => Number.isFinite(value)) },
          layer: [
            {
              mark: { type: 'rule', strokeWidth: 1.6 },
              encoding: { x, ...xOffset, y: y('low'), y2: { field: 'high' }, color },
            },
            {
              mark: { type: 'point', filled: true, size: 70, opacity: 1 },
              encoding: {
                x,
                ...xOffset,
                y: y('value'),
                color,
                shape: { ...shapeBy('spectrum', series), legend: color.legend },
              },
            },
          ],
        };
      },
    },
  ];
}
