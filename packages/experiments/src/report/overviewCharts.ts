import type { Axis, Coordinate } from '../grid/grid.js';
import type { Drawing } from './chart.js';
import type { DrawnTask } from './drawnTask.js';
import type { Width } from './look.js';
import { heatsOverTasks } from './heatCharts.js';
import { countOfLines, drawSweep, lastKey, mostLines, pointOf, type SweptPoint } from './sweepCharts.js';
import { resultTitle } from './titles.js';

/**
 * Of each swept path that tells tasks apart: the result by its value over all tasks, one line a row; of each method
 * with one swept option besides, a heat map.
 */
export function overviewCharts(tasks: readonly DrawnTask[], axes: readonly Axis[]): readonly Drawing[] {
  const [result] = tasks.map((task) => task.result);
  // Results in different units share no axis.
  if (result === undefined || tasks.some((task) => task.result !== result)) return [];
  const methods = [...new Set(tasks.flatMap((task) => task.methods))];
  const lines = axes.flatMap((axis, i): Drawing[] => {
    if (axis.of !== 'tasks') return [];
    const points = tasks.flatMap((task) => {
      const on = task.at.find(({ path }) => path === axis.path);
      if (on === undefined) return [];
      const others = task.at.filter(({ path }) => path !== axis.path).map(({ label, value }: Coordinate) => `${label} ${value.label}`); // prettier-ignore
      return task.curves.map((row): SweptPoint => {
        return { ...pointOf(row), row: task.name, line: [row.name, ...others].join(', '), value: on.value };
      });
    });
    if (new Set(points.map(({ value }) => value.label)).size < 2 || countOfLines(points) > mostLines) return [];
    const key = axis.label === '' ? lastKey(axis.path) : axis.label;
    return [
      {
        id: `tasks-${i + 1}`,
        task: '',
        heading: `${resultTitle(result)} by ${key}`,
        caption: 'All tasks: the mean over the seeds, with its 95 % interval.',
        draw: (width: Width) =>
          drawSweep({ points, lines: [], scale: axis.scale, key, task: { methods, result } }, width),
      },
    ];
  });
  return [...lines, ...heatsOverTasks(tasks)];
}
