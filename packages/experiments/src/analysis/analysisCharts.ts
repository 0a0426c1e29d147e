import type { Chart, Drawing } from '../report/chart.js';
import { widths } from '../report/look.js';
import { blockCharts } from './blockCharts.js';
import { densityChart } from './densityChart.js';
import { eigenvalueChart } from './eigenvalueChart.js';
import { landscapeDrawings } from './landscapeDrawings.js';
import { lineChart } from './lineChart.js';
import type { Analysis } from './results.js';

/** What an analysis looks like, in the order of its page. */
export function drawingsOfAnalysis({ runs, line, barrier, plane }: Analysis): readonly Drawing[] {
  const [first] = runs;
  return [
    ...eigenvalueChart(runs),
    ...densityChart(runs),
    ...blockCharts(runs),
    ...(line === undefined ? [] : [lineChart(line, runs, barrier)]),
    ...(plane === undefined ? [] : landscapeDrawings(plane)),
    ...(first?.landscape === undefined ? [] : landscapeDrawings(first.landscape)),
    ...(first?.trajectory === undefined ? [] : landscapeDrawings(first.trajectory, first.trajectory)),
  ];
}

/** The same as Vega-Lite, in the width of a page. */
export function chartsOfAnalysis(analysis: Analysis): readonly Chart[] {
  return drawingsOfAnalysis(analysis).map(({ draw, ...chart }) => ({ ...chart, spec: draw(widths.wide) }));
}
