import type { TopLevelSpec } from 'vega-lite';
import { figure } from '../statistics/figures.js';
import type { Drawing } from './chart.js';
import type { DrawnTask } from './drawnTask.js';
import { domainOf } from './focus.js';
import { colorBy, ink, look, scaleOver, shapeBy, type Width } from './look.js';
import { resultTitle } from './titles.js';

/** The result at the end of each run: every seed a ring, the mean with its 95 % interval. */
export function finalChart(task: DrawnTask): Drawing {
  const several = task.rows.some(({ seeds }) => seeds.length > 1);
  const outside = task.rows.filter(({ name }) => !task.inside.has(name));
  return {
    id: 'final',
    task: task.name,
    heading: `${resultTitle(task.result)} at the end`,
    caption:
      (several
        ? 'Each ring is a seed; the filled mark is the mean over the seeds, and the bar its 95 % interval by Student’s t.'
        : 'One seed cannot show how much of a difference is chance.') +
      (task.reference === undefined ? '' : ` The dashed line is the mean of ${task.reference}.`) +
      (outside.length > 0 ? ' Values far from the others are written at the edge of the axis.' : ''),
    draw: (width) => draw(task, width),
  };
}

function draw({ rows, inside, methods, result, reference }: DrawnTask, width: Width): TopLevelSpec {
  const kept = rows.filter(({ name }) => inside.has(name));
  const [low, high] = domainOfResults(kept);
  const within = (value: number): number => Math.min(high, Math.max(low, value));
  const names = rows.map(({ name }) => name);
  const values = kept.map(({ name, result: { mean, interval = { low: mean, high: mean } } }) => ({
    row: name,
    mean,
    low: within(interval.low),
    high: within(interval.high),
  }));
  const seeds = kept.flatMap(({ name, seeds }) => seeds.map(({ seed, result }) => ({ row: name, seed, result })));
  const beyond = rows.flatMap(({ name, result: { mean } }) => {
    if (inside.has(name)) return [];
    const isLow = mean < low;
    return [{ row: name, at: isLow ? low : high, isLow, text: isLow ? `← ${figure(mean)}` : `${figure(mean)} →` }];
  });
  const y = {
    field: 'row',
    type: 'nominal',
    scale: { domain: names },
    // The name over its marks, where any name has room.
    axis: { title: null, labelAlign: 'left', labelBaseline: 'bottom', labelPadding: -4, labelOffset: -8, labelLimit: 1.4 * width, ticks: false, domain: false, labelFontSize: 12 }, // prettier-ignore
  } as const;
  const x = (field: string) =>
    ({
      field,
      type: 'quantitative',
      scale: scaleOver(low, high),
      axis: { title: resultTitle(result), tickCount: width > 400 ? 8 : 4 },
    }) as const;
  const series = rows.map(({ name, method }) => ({ name, index: methods.indexOf(method) }));
  const color = { ...colorBy('row', series, width), legend: null } as const;
  const shape = { ...shapeBy('row', series), legend: null } as const;
  const dashes = [3, 3];
  const line = rows.find(({ name }) => name === reference && inside.has(name));
  return {
    width,
    height: { step: 42 },
    config: look,
    layer: [
      ...(line === undefined ? [] : [{ data: { values: [{ mean: line.result.mean }] }, mark: { type: 'rule', stroke: ink, strokeDash: dashes, opacity: 0.6 }, encoding: { x: x('mean') } } as const]), // prettier-ignore
      { data: { values }, mark: { type: 'rule', strokeWidth: 3, yOffset: 6 }, encoding: { x: x('low'), x2: { field: 'high' }, y, color } }, // prettier-ignore
      {
        data: { values: seeds },
        mark: { type: 'point', filled: false, size: 45, strokeWidth: 1.3, opacity: 0.75, yOffset: 6 },
        encoding: { x: x('result'), y, color },
      },
      {
        data: { values },
        mark: { type: 'point', filled: true, size: 110, opacity: 1, yOffset: 6 },
        encoding: { x: x('mean'), y, color, shape },
      },
      ...[true, false].map(
        (isLow) =>
          ({
            data: { values: beyond.filter((row) => row.isLow === isLow) },
            mark: { type: 'text', align: isLow ? 'left' : 'right', dx: isLow ? 2 : -2, fontWeight: 600, yOffset: 6 },
            encoding: { x: x('at'), y, text: { field: 'text', type: 'nominal' } },
          }) as const,
      ),
    ],
  };
}

/** All seeds; intervals as far as they are not much wider than those, as those of two seeds are. */
function domainOfResults(rows: DrawnTask['rows']): [number, number] {
  const seeds = rows.flatMap(({ seeds }) => seeds.map(({ result }) => result));
  const [low, high] = domainOf(seeds);
  const room = high - low;
  const ends = rows.flatMap(({ result: { interval } }) => (interval ? [interval.low, interval.high] : []));
  return domainOf([...seeds, ...ends.map((end) => Math.min(high + room, Math.max(low - room, end)))]);
}
