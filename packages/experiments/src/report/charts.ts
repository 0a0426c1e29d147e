import type { Axis } from '../grid/grid.js';
import { type Comparison, compared } from '../statistics/comparison.js';
import type { GridResults } from '../statistics/results.js';
import type { Chart, Drawing } from './chart.js';
import { costChart } from './costChart.js';
import { curveCharts } from './curveCharts.js';
import { type DrawnTask, drawnTasks } from './drawnTask.js';
import { finalChart } from './finalChart.js';
import { heatCharts } from './heatCharts.js';
import { widths } from './look.js';
import { radiusChart } from './radiusChart.js';
import { overviewCharts } from './overviewCharts.js';
import { sweepCharts } from './sweepCharts.js';

/**
 * The charts of a report, in its order, each as Vega-Lite. Their text and data come only from the runs; the colors are
 * those of a light page.
 */
export function chartsOf(results: GridResults): readonly Chart[] {
  const { overview, tasks } = drawingsOf(results, compared(results));
  return [...overview, ...tasks.flat()].map(({ draw, ...chart }) => ({ ...chart, spec: draw(widths.wide) }));
}

/** Those over all tasks, and those of each task. */
export function drawingsOf(
  results: GridResults,
  comparison: Comparison,
): { readonly overview: readonly Drawing[]; readonly tasks: readonly (readonly Drawing[])[] } {
  const { axes } = results.grid;
  const tasks = drawnTasks(results, comparison);
  const numbered = tasks.map(
    (task, i) =>
    drawingsOfTask(task, axes).map((drawing) => (tasks.length === 1 ? drawing : { ...drawing, id: `task-${i + 1}-${drawing.id}` })), // prettier-ignore
  );
  return { overview: overviewCharts(tasks, axes), tasks: numbered };
}

function drawingsOfTask(task: DrawnTask, axes: readonly Axis[]): readonly Drawing[] {
  // Nothing is done yet: there is nothing to draw.
  if (task.rows.length === 0) return [];
  const curves = curveCharts(task);
  const isOfLoss = ({ id }: Drawing): boolean => id.endsWith('loss');
  const [radius, cost] = [radiusChart(task), costChart(task)];
  return [
    finalChart(task),
    ...curves.filter((drawing) => !isOfLoss(drawing)),
    ...sweepCharts(task, axes),
    ...heatCharts(task),
    ...curves.filter(isOfLoss),
    ...(radius ? [radius] : []),
    ...(cost ? [cost] : []),
  ];
}
