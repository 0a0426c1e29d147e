import {
  type Barrier,
  barrierOf,
  filterPlane,
  type Line,
  line,
  placeOf,
  plane,
  type Plane,
  planeThrough,
  scaleOf,
  type Surfaces,
  type Vector,
} from '@flatmin/analysis';
import type { PartName } from '@flatmin/training';
import { gramOf } from './ellipse.js';
import {
  identityOf,
  kept,
  type LandscapeContext,
  measuredOf,
  withStatistics,
  withSurfaces,
} from './landscapePoints.js';
import { type Ranges, squareAround } from './ranges.js';
import type { BallAnalysis, LineAnalysis, PlaneAnalysis } from './results.js';
import { type AnalysisSettings, drawnBy } from './settings.js';
import type { LoadedSubject, Minimum } from './subject.js';

/** The plane around a run, along two random directions whose filters are as long as those of its weights. */
export async function measureAround(
  subject: LoadedSubject,
  minimum: Minimum,
  context: LandscapeContext,
): Promise<PlaneAnalysis> {
  const { settings, work } = context;
  work.begin('landscape', subject.name);
  return withSurfaces(subject, settings, async (surfaces, first) => {
    const around = filterPlane(minimum.weights, first.parameters, drawnBy);
    const found = await measuredPlane('plane', surfaces, around, { x: [-1, 1], y: [-1, 1] }, [minimum], context);
    const places = [{ run: subject.name, x: 0, y: 0 }];
    return { ...found, directions: 'filter-normalized', places, balls: ballsOf([minimum], around, settings) };
  });
}

/** The line through two runs, and how far the loss rises between them. */
export async function measureBetween(
  subject: LoadedSubject,
  [a, b]: readonly [Minimum, Minimum],
  context: LandscapeContext,
): Promise<{ readonly line: LineAnalysis; readonly barrier: Partial<Record<PartName, Barrier>> }> {
  const { settings, work } = context;
  work.begin('line');
  return withSurfaces(subject, settings, async (surfaces) => {
    const moved = withStatistics(surfaces, subject, [a, b], (point) => {
      const alpha = alongLine(point, a.weights, b.weights);
      return [1 - alpha, alpha];
    });
    const { points: count } = settings;
    const identity = identityOf('line', [a, b], { count }, surfaces, context);
    const found = await kept(identity, count + 2, context, (options) =>
      line(moved, a.weights, b.weights, { points: count, ...options }),
    );
    return {
      line: {
        alpha: found.points.map(({ at }) => at[0] as number),
        distance: found.distance,
        ...measuredOf(found.points, surfaces, settings, (values) => values),
      },
      barrier: Object.fromEntries(Object.keys(surfaces).map((part) => [part, barrierOn(found, part)])),
    };
  });
}

/** Where the nearest point of the line through a and b is: 0 at a, 1 at b. */
function alongLine(point: Vector, a: Vector, b: Vector): number {
  let [product, square] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    const [start, direction] = [a[i] as number, (b[i] as number) - (a[i] as number)];
    product += ((point[i] as number) - start) * direction;
    square += direction * direction;
  }
  return square === 0 ? 0 : product / square;
}

/** Not a number where a loss between the two is none: how high the highest is, is not known then. */
export function barrierOn(found: Line, part: string): Barrier {
  const between = found.points.filter(({ at }) => (at[0] as number) >= 0 && (at[0] as number) <= 1);
  const isFinite = between.every(({ values }) => Number.isFinite(values[part]?.loss));
  return isFinite ? barrierOf(found, part) : { barrier: NaN, alpha: NaN };
}

/** The plane through three runs, in units of the weights. */
export async function measureThrough(
  subject: LoadedSubject,
  minima: readonly [Minimum, Minimum, Minimum],
  context: LandscapeContext,
): Promise<PlaneAnalysis> {
  const { settings, work } = context;
  work.begin('landscape');
  return withSurfaces(subject, settings, async (surfaces) => {
    const through = planeThrough(minima[0].weights, minima[1].weights, minima[2].weights);
    const places = minima.map(({ name, weights }) => ({ run: name, ...pointOf(weights, through) }));
    const [second, third] = [pointOf(minima[1].weights, through), pointOf(minima[2].weights, through)];
    const moved = withStatistics(surfaces, subject, minima, (weights) => {
      const { x, y } = pointOf(weights, through);
      const ofThird = y / third.y;
      const ofSecond = (x - ofThird * third.x) / second.x;
      return [1 - ofSecond - ofThird, ofSecond, ofThird];
    });
    const found = await measuredPlane('plane', moved, through, squareAround(places), minima, context);
    return { ...found, directions: 'through three runs', places, balls: ballsOf(minima, through, settings) };
  });
}

type Point = { readonly x: number; readonly y: number };

function pointOf(weights: Vector, within: Plane): Point {
  const { x, y } = placeOf(weights, within);
  return { x, y };
}

/** The balls of the runs that have a radius, or were given one. */
function ballsOf(
  minima: readonly Minimum[],
  within: Plane,
  { rho: given, adaptive }: AnalysisSettings,
): readonly BallAnalysis[] {
  return minima.flatMap(({ name, radius, weights }): BallAnalysis[] => {
    const rho = given ?? radius;
    if (rho === undefined) return [];
    const { x, y } = pointOf(weights, within);
    const gram = gramOf(within.directions, scaleOf(weights, adaptive));
    return [{ run: name, rho, adaptive, center: [x, y], gram }];
  });
}

/** A plane, measured; its file of points is named by all that decides it. */
export async function measuredPlane(
  kind: 'plane' | 'trajectory',
  surfaces: Surfaces,
  within: Plane,
  ranges: Ranges,
  minima: readonly Minimum[],
  context: LandscapeContext,
  more: object = {},
): Promise<Pick<PlaneAnalysis, 'x' | 'y' | 'losses' | 'metric' | 'metrics' | 'examples'>> {
  const { points: count } = context.settings;
  const identity = identityOf(kind, minima, { count, ...ranges, ...more }, surfaces, context);
  const { points, x, y } = await kept(identity, count ** 2, context, (options) =>
    plane(surfaces, within, { ...ranges, points: count, ...options }),
  );
  const rows = (values: readonly number[]): readonly (readonly number[])[] =>
    y.map((_, i) => values.slice(i * x.length, (i + 1) * x.length));
  return { x, y, ...measuredOf(points, surfaces, context.settings, rows) };
}
