import { listed, whole } from '../statistics/figures.js';
import type { Drawing } from '../report/chart.js';
import type { Width } from '../report/look.js';
import { heatMap, type HeatMap } from './heatMap.js';
import { numberText, shareText } from './numberText.js';
import { ellipseOf } from './ellipse.js';
import type { BallAnalysis, Grid, PlaneAnalysis, TrajectoryAnalysis } from './results.js';

const headings = {
  'filter-normalized': 'on a plane around the weights',
  'through three runs': 'on the plane through the runs',
  principal: 'beneath the path of the run',
} as const;

/** The loss on a plane, and the metric, each with the parts side by side. */
export function landscapeDrawings(plane: PlaneAnalysis, trajectory?: TrajectoryAnalysis): readonly Drawing[] {
  const of = (name: string, values: HeatMap['values']): Drawing => ({
    id: `${plane.directions.replaceAll(' ', '-')}-${name}`,
    task: '',
    heading: `${name} ${headings[plane.directions]}`,
    caption: captionOf(plane, values, trajectory),
    draw: (width: Width) => heatMap(mapOf(plane, name, values, trajectory), width),
  });
  const { losses, metric, metrics } = plane;
  return [of('loss', losses), ...(metric !== undefined && metrics ? [of(metric, metrics)] : [])];
}

function mapOf(
  plane: PlaneAnalysis,
  name: string,
  values: HeatMap['values'],
  trajectory?: TrajectoryAnalysis,
): HeatMap {
  const path = trajectory?.path.map(({ x, y, step }) => ({ x, y, label: `step ${whole(step)}` }));
  return {
    ...{ plane, values, name, titles: titlesOf(plane, trajectory), isSquare: plane.directions !== 'principal' },
    ...(path && { path }),
  };
}

function titlesOf({ directions }: PlaneAnalysis, trajectory?: TrajectoryAnalysis): HeatMap['titles'] {
  if (directions === 'through three runs') return ['distance in weight space', 'distance in weight space'];
  if (trajectory === undefined) return ['first direction', 'second direction'];
  const [first, second] = trajectory.explained.map(shareText);
  return [`first direction (${first})`, `second direction (${second})`];
}

function captionOf(plane: PlaneAnalysis, values: HeatMap['values'], trajectory?: TrajectoryAnalysis): string {
  const { examples, directions } = plane;
  const data = Object.entries(examples).map(([part, count]) => `${whole(count)} ${part} examples`);
  return [
    unitTexts[directions],
    `${whole(plane.x.length)} by ${whole(plane.y.length)} points, each measured on ${listed(data)}; nothing is smoothed.`,
    ballText(plane),
    missingText(Object.values(values)),
    trajectory === undefined ? '' : pathText(trajectory),
  ]
    .filter((text) => text !== '')
    .join(' ');
}

const unitTexts = {
  'filter-normalized':
    'Two random directions, in which each filter is as long as that of the weights: at 1 every filter is moved by its own length.',
  'through three runs': 'The three runs lie in this plane; both axes are distances in weight space.',
  principal: 'The last checkpoint is at (0, 0); both axes are distances in weight space, and differ in scale.',
} as const;

/** Share of a side below which the shape of a ball cannot be seen. */
const smallest = 0.01;

const last = (values: readonly number[]): number => values.at(-1) as number;

const halfWidthOf = ({ gram, rho }: BallAnalysis): number => Math.max(...ellipseOf(gram, rho).map(({ x }) => x));

function ballText(plane: PlaneAnalysis): string {
  const { balls, directions } = plane;
  const [first, ...others] = balls;
  if (first === undefined) return '';
  const radii = listed([...new Set(balls.map(({ rho }) => numberText(rho)))]);
  const what = first.adaptive ? 'the adaptive ball' : 'the ball';
  const shape = directions === 'filter-normalized' ? 'an ellipse in these units' : 'a circle';
  const isHidden = balls.every((ball) => halfWidthOf(ball) < smallest * (last(plane.x) - (plane.x[0] as number)));
  const hidden = isHidden ? ' It is so small here that it looks like a dot.' : '';
  if (others.length > 0)
    return `The lines are the edges of ${what.replace('ball', 'balls')} of radius ${radii} around the runs.${hidden.replace('It is', 'They are').replace('it looks like a dot', 'they look like dots')}`;
  return `The line is the edge of ${what} of radius ${radii} around ${directions === 'filter-normalized' ? 'the weights' : first.run}, ${first.adaptive ? 'an ellipse' : shape}.${hidden}`;
}

function missingText(grids: readonly Grid[]): string {
  const count = grids.flat(2).filter((value) => !Number.isFinite(value)).length;
  return count === 0 ? '' : `Gray: not a finite number, at ${whole(count)} ${count === 1 ? 'point' : 'points'}.`;
}

function pathText({ explained, path }: TrajectoryAnalysis): string {
  const farthest = Math.max(...path.map(({ distance }) => distance));
  return `The two directions have ${shareText(explained[0] + explained[1])} of the variance of the path over ${path.length} checkpoints; the one farthest from the plane is ${numberText(farthest, 2)} away from it, and the loss beneath is not that of such a checkpoint. A random walk in many dimensions looks like a curve here, too.`;
}
