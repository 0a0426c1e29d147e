import type { TopLevelSpec } from 'vega-lite';
import type { Drawing } from '../report/chart.js';
import { colorBy, dashBy, look, type Series, type Width } from '../report/look.js';
import { numberText } from './numberText.js';
import type { RunAnalysis } from './results.js';

/** Of the highest density: what is below that is left out, since a Gaussian never ends. */
const floor = 1e-6;

function powersOfTen(least: number, greatest: number): number[] {
  const [first, last] = [Math.ceil(Math.log10(least)), Math.floor(Math.log10(greatest))];
  return Array.from({ length: last - first + 1 }, (_, i) => Number(`1e${first + i}`));
}

/** How the eigenvalues of each run are spread, on a logarithmic axis; nothing where that was not measured. */
export function densityChart(runs: readonly RunAnalysis[]): readonly Drawing[] {
  const shown = runs.flatMap(({ name, density }) => (density === undefined ? [] : [{ name, density }]));
  if (shown.length === 0) return [];
  const highest = Math.max(...shown.flatMap(({ density }) => density.density));
  const least = floor * highest;
  const values = shown.flatMap(({ name, density: { eigenvalues, density, standardErrors } }) =>
    eigenvalues.map((eigenvalue, i) => {
      const [value, error] = [density[i] as number, standardErrors[i] as number];
      const within = (of: number): number => Math.max(least, of);
      // NaN for one run, which cannot tell an error.
      const half = Number.isFinite(error) ? error : 0;
      return { run: name, eigenvalue, value: within(value), low: within(value - half), high: within(value + half) };
    }),
  );
  const series = shown.map(({ name }, i): Series => ({ name, index: i + 2 }));
  const widths = shown.map(({ density }) => numberText(density.width, 2));
  return [
    {
      id: 'density',
      task: '',
      heading: 'density of the eigenvalues of the Hessian',
      caption: `On a logarithmic axis, down to a millionth of the highest density; the band is one standard error over the random starts. Each eigenvalue is widened to a Gaussian of deviation ${[...new Set(widths)].join(', ')}: what is closer together than that looks like one.`,
      draw: (width: Width): TopLevelSpec => {
        const color = colorBy('run', series, width);
        const x = {
          field: 'eigenvalue',
          type: 'quantitative',
          scale: { nice: false, zero: false },
          axis: { title: 'eigenvalue', grid: false, format: '~g', tickCount: width > 400 ? 10 : 5 },
        } as const;
        const y = {
          type: 'quantitative',
          scale: { type: 'log', nice: false, domain: [least, 2 * highest] as [number, number] },
          axis: { title: 'density (logarithmic)', format: '.0e', values: powersOfTen(least, 2 * highest) },
        } as const;
        return {
          width,
          height: width > 400 ? 280 : 240,
          config: look,
          data: { values },
          layer: [
            {
              mark: { type: 'area', opacity: 0.2, clip: true },
              encoding: { x, y: { field: 'low', ...y }, y2: { field: 'high' }, color },
            },
            {
              mark: { type: 'line', strokeWidth: 1.8, clip: true },
              encoding: {
                x,
                y: { field: 'value', ...y },
                color,
                strokeDash: { ...dashBy('run', series), legend: color.legend },
              },
            },
          ],
        };
      },
    },
  ];
}
