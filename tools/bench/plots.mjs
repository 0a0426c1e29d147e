// The plots of the benchmark page, as Vega-Lite specs; drawn as SVG by what draws the plots of reports.
import { renderSvg } from '../../packages/experiments/dist/report/renderSvg.js';

/** Okabe and Ito's palette, which people with any common color vision deficiency can tell apart. */
const colors = { eager: '#0072b2', captured: '#e69f00', torch: '#d55e00', jax: '#009e73' };
const font = 'system-ui, sans-serif';
const config = {
  font,
  background: 'white',
  view: { stroke: null },
  axis: { labelFontSize: 12, titleFontSize: 13, gridColor: '#eceff1', domainColor: '#90a4ae', labelLimit: 240 },
  legend: { title: null, orient: 'top', labelFontSize: 12, symbolType: 'circle' },
};
const modesOf = (values) => Object.keys(colors).filter((mode) => values.some((value) => value.mode === mode));
const colorOf = (values) => {
  const modes = modesOf(values);
  const scale = { domain: modes, range: modes.map((mode) => colors[mode]) };
  return { field: 'mode', type: 'nominal', scale, legend: { symbolOpacity: 1 } };
};

/** Subjects from the fastest to the slowest, by their first mode: eager, where it was measured. */
function order(values) {
  const first = new Map();
  for (const { subject, mode, median } of values) if (mode === modesOf(values)[0]) first.set(subject, median);
  for (const { subject, median } of values) if (!first.has(subject)) first.set(subject, median);
  return [...first].sort(([, a], [, b]) => a - b).map(([subject]) => subject);
}

/** Median time per step of every subject, with its spread. */
export function timesPlot(rows) {
  const values = rows
    .filter(({ median }) => median !== undefined)
    .map(({ subject, mode, median, low, high }) => ({ subject, mode, median, low, high }));
  const y = { field: 'subject', type: 'nominal', sort: order(values), axis: { title: null, grid: true } };
  const scale = { type: 'log', nice: false };
  const x = {
    field: 'median',
    type: 'quantitative',
    scale,
    axis: { title: 'ms per step (logarithmic)', format: '~g' },
  };
  return {
    width: 620,
    height: { step: 20 },
    config,
    data: { values },
    encoding: { y, color: colorOf(values) },
    layer: [
      {
        mark: { type: 'rule', strokeWidth: 2, opacity: 0.5 },
        encoding: { x: { ...x, field: 'low' }, x2: { field: 'high' } },
      },
      { mark: { type: 'point', filled: true, size: 60, opacity: 1 }, encoding: { x } },
    ],
  };
}

/** Time per step against what grows, both logarithmic. */
export function growthPlot({ title, points }) {
  const axisOf = (name) => ({ title: name, format: '~s', tickCount: 6 });
  const x = { field: 'at', type: 'quantitative', scale: { type: 'log', nice: false }, axis: axisOf(title) };
  const scale = { type: 'log' };
  const y = {
    field: 'median',
    type: 'quantitative',
    scale,
    axis: { title: 'ms per step', format: '~g', tickCount: 6 },
  };
  const legend = {
    symbolType: 'stroke',
    symbolFillColor: 'transparent',
    symbolStrokeColor: '#37474f',
    symbolSize: 400,
  };
  const strokeDash = { field: 'subject', type: 'nominal', sort: ['sam', 'plain', 'gradient'], legend };
  const shared = { x, color: colorOf(points) };
  return {
    width: 620,
    height: 300,
    config,
    data: { values: points },
    encoding: { ...shared, detail: [{ field: 'subject' }] },
    layer: [
      { mark: { type: 'area', opacity: 0.12 }, encoding: { y: { ...y, field: 'low' }, y2: { field: 'high' } } },
      { mark: { type: 'line', strokeWidth: 2, point: true }, encoding: { y, strokeDash } },
    ],
  };
}

/** Every plot of some results: `[file name, title, SVG]`. */
export async function drawPlots({ models, growth }) {
  const plots = [
    ...models.map(({ id, title, rows }) => [`${id}.svg`, `Time per step: ${title}`, timesPlot(rows)]),
    ...Object.entries(growth ?? {}).map(([axis, series]) => [
      `growth-${axis}.svg`,
      `Time per step by ${series.title}`,
      growthPlot(series),
    ]),
  ];
  return Promise.all(plots.map(async ([file, title, plot]) => [file, title, await renderSvg(plot, title)]));
}
