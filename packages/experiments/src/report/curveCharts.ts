import type { EpochRecord } from '@flatmin/training';
import type { TopLevelSpec } from 'vega-lite';
import { estimateOf, extremesOf, meanOf } from '../statistics/estimate.js';
import { figure } from '../statistics/figures.js';
import { resultOf } from '../statistics/judged.js';
import type { Drawing } from './chart.js';
import type { DrawnRow, DrawnTask } from './drawnTask.js';
import { domainOf, focusOf } from './focus.js';
import { logarithmicTicks } from './logarithmicTicks.js';
import { colorBy, dashBy, look, scaleOver, type Width } from './look.js';
import { resultTitle } from './titles.js';

/** One point of a curve: a row after an epoch, over its seeds. */
export interface CurvePoint {
  readonly row: string;
  readonly key: string;
  readonly epoch: number;
  readonly gradientEvaluations: number;
  readonly value: number;
  /** The mean and one standard error to each side. */
  readonly low: number;
  readonly high: number;
}

type Of = (epoch: EpochRecord) => number | undefined;

/** The mean over the seeds after each epoch that was judged. */
export function curveOf({ name, key, runs }: DrawnRow, of: Of): readonly CurvePoint[] {
  const byEpoch = new Map<number, { readonly value: number; readonly evaluations: number }[]>();
  for (const { record } of runs) {
    for (const epoch of record.history) {
      const value = of(epoch);
      if (value === undefined || !Number.isFinite(value)) continue;
      const others = byEpoch.get(epoch.epoch) ?? [];
      byEpoch.set(epoch.epoch, [...others, { value, evaluations: epoch.gradientEvaluations }]);
    }
  }
  return [...byEpoch].map(([epoch, found]) => {
    const { mean, error = 0 } = estimateOf(found.map(({ value }) => value));
    const gradientEvaluations = meanOf(found.map(({ evaluations }) => evaluations));
    return { row: name, key, epoch, gradientEvaluations, value: mean, low: mean - error, high: mean + error };
  });
}

const bandText = 'Mean over the seeds; the band, or bar, is one standard error of that mean to each side.';
const oneSeed = 'One seed cannot show how much of a difference is chance.';

/** The result and the losses by epoch, and the result by what it cost; none of what was not judged. */
export function curveCharts(task: DrawnTask): readonly Drawing[] {
  const { curves, result } = task;
  const band = curves.some(({ runs }) => runs.length > 1) ? bandText : oneSeed;
  const test: Of = ({ test }) => (test === undefined ? undefined : resultOf(test, result));
  const isJudged = curves.every(({ runs }) => runs.every(({ record }) => record.history.every((epoch) => epoch.train)));
  const train: Of = ({ train, loss }) => (isJudged ? train?.loss : loss);
  const title = resultTitle(result);
  const charts: readonly (Plotted & Pick<Drawing, 'id' | 'heading' | 'caption'>)[] = [
    { id: 'by-epoch', heading: `${title} by epoch`, caption: band, of: test, x: 'epoch', y: title },
    {
      id: 'by-gradients',
      heading: `${title} by gradient evaluations`,
      caption: `${band} The same against its cost: a gradient evaluation is a forward and a backward pass over a batch.`,
      of: test,
      x: 'gradientEvaluations',
      y: title,
    },
    {
      id: 'train-loss',
      heading: 'train loss by epoch',
      caption: `${band} ${isJudged ? 'Of the weights at the end of the epoch.' : 'Mean of the steps of the epoch, each before its update.'}`,
      of: train,
      x: 'epoch',
      y: 'train loss',
    },
    { id: 'validation-loss', heading: 'validation loss by epoch', caption: band, of: ({ validation }) => validation?.loss, x: 'epoch', y: 'validation loss' }, // prettier-ignore
  ];
  return charts.flatMap(({ id, heading, caption, ...plotted }) => {
    const points = curves.map((row) => curveOf(row, plotted.of));
    if (points.every((curve) => curve.length === 0)) return [];
    // Of single points this would be the chart of the cost again.
    if (plotted.x === 'gradientEvaluations' && points.every((curve) => curve.length === 1)) return [];
    const draw = (width: Width): TopLevelSpec => drawCurves(task, points, plotted, width);
    return [{ id, task: task.name, heading, caption, draw }];
  });
}

interface Plotted {
  readonly of: Of;
  readonly x: 'epoch' | 'gradientEvaluations';
  readonly y: string;
}

function drawCurves(
  { curves, series }: DrawnTask,
  points: readonly (readonly CurvePoint[])[],
  plotted: Plotted,
  width: Width,
): TopLevelSpec {
  // By where the runs ended: a curve may begin far from there.
  const ends = points.flatMap((curve, i) => {
    const last = curve.at(-1);
    return last === undefined ? [] : [{ name: (curves[i] as DrawnRow).name, values: [last.low, last.high], last }];
  });
  const { inside } = focusOf(ends);
  const kept = points.flat().filter(({ row }) => inside.has(row));
  const scale = scaleOf(kept);
  const single = points.filter((curve) => curve.length === 1).flat();
  const isOnePoint = single.length === points.flat().length;
  const x = {
    field: plotted.x,
    type: 'quantitative',
    axis: {
      title: plotted.x === 'epoch' ? 'epoch' : 'gradient evaluations',
      format: plotted.x === 'epoch' ? 'd' : ',d',
      tickMinStep: 1,
      grid: false,
      ...(isOnePoint
        ? { values: [...new Set(kept.map((point) => point[plotted.x]))] }
        : width < 400 && { tickCount: 4 }),
    },
    scale: { zero: false, nice: false, ...(isOnePoint && { padding: 40 }) },
  } as const;
  const y = {
    type: 'quantitative',
    scale: scale.scale,
    axis: { title: plotted.y, format: scale.format, ...(scale.values && { values: [...scale.values] }) },
  } as const;
  const color = colorBy('key', series, width);
  const shared = { x, color, detail: { field: 'row', type: 'nominal' } } as const;
  const strokeDash = { ...dashBy('key', series), legend: color.legend };
  const beyond = ends.filter(({ name }) => !inside.has(name));
  return {
    width,
    height: width > 400 ? 320 : 260,
    config: look,
    data: { values: points.flat() },
    layer: [
      {
        mark: { type: 'area', opacity: 0.14, clip: true },
        encoding: { ...shared, y: { field: 'low', ...y }, y2: { field: 'high' } },
      },
      {
        mark: { type: 'line', strokeWidth: 2, clip: true },
        encoding: { ...shared, y: { field: 'value', ...y }, strokeDash },
      },
      // A single epoch is no line.
      {
        data: { values: single },
        mark: { type: 'rule', strokeWidth: 1.6, clip: true },
        encoding: { ...shared, y: { field: 'low', ...y }, y2: { field: 'high' } },
      },
      {
        data: { values: single },
        mark: { type: 'point', filled: true, size: 70, opacity: 1, clip: true },
        encoding: { ...shared, y: { field: 'value', ...y } },
      },
      ...beyond.map(({ name, last }, i) => edgeText(`${name}: ${figure(last.value)}`, last.value < scale.domain[0], i)),
    ],
  };
}

/** What is beyond an edge of the axis, written there. */
function edgeText(text: string, isLow: boolean, i: number) {
  return {
    data: { values: [{ text: `${isLow ? '↓' : '↑'} ${text}` }] },
    mark: { type: 'text', align: 'right', baseline: isLow ? 'bottom' : 'top', fontWeight: 600, dy: (isLow ? -1 : 1) * (3 + 15 * i) }, // prettier-ignore
    encoding: {
      x: { value: 'width' },
      y: { value: isLow ? 'height' : 0 },
      text: { field: 'text', type: 'nominal' },
      color: { value: '#37474f' },
    },
  } as const;
}

/** Values over two decades are told apart on a logarithmic axis alone. */
function scaleOf(points: readonly CurvePoint[]) {
  const { least, greatest } = extremesOf(points.map(({ value }) => value));
  if (least > 0 && greatest / least > 100) {
    const values = logarithmicTicks([least, greatest]);
    const domain: [number, number] = [least, greatest];
    return { scale: { type: 'log', domain, nice: false } as const, domain, format: '~g', values };
  }
  const domain = domainOf(points.flatMap(({ low, high }) => [low, high]));
  return { scale: scaleOver(...domain), domain, format: '.3~f' };
}
