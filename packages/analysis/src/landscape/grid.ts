import { FlatminError } from '@flatmin/core';
import type { LossSurface, PointValue } from '../surface/lossSurface.js';
import { addTo, type Vector } from '../vectors/vector.js';

/** Surfaces over the same weights by name, side by side: on train and on test data. */
export type Surfaces = Readonly<Record<string, LossSurface>>;

/** A point of a landscape, and what each surface is there. */
export interface LandscapePoint {
  /** In units of the directions: one for a line, two for a plane. */
  readonly at: readonly number[];
  /** By surface. Losses far from the weights may be infinite or NaN, and are kept as such. */
  readonly values: Readonly<Record<string, PointValue>>;
}

/** How a landscape is measured. */
export interface LandscapeOptions {
  /** Points that {@link onPoint} received earlier: they are not measured again. */
  readonly known?: readonly LandscapePoint[] | undefined;
  /** Receives each point as it is measured, to show progress and to save it. */
  readonly onPoint?: ((point: LandscapePoint, done: number, total: number) => void | Promise<void>) | undefined;
  /** Ends the measurement before the next point; the points measured so far are returned. */
  readonly signal?: AbortSignal | undefined;
}

/** Measures the surfaces at origin + sum of at_i directions_i, for each of `coordinates`. */
export async function measure(
  surfaces: Surfaces,
  origin: Vector,
  directions: readonly Vector[],
  coordinates: readonly (readonly number[])[],
  { known = [], onPoint, signal }: LandscapeOptions,
): Promise<readonly LandscapePoint[]> {
  requireSameWeights(surfaces, [origin, ...directions]);
  const there = new Map(known.map((point) => [point.at.join(), point]));
  const points: LandscapePoint[] = [];
  for (const [i, at] of coordinates.entries()) {
    if (signal?.aborted === true) break;
    const point = there.get(at.join()) ?? { at, values: await valuesAt(surfaces, pointAt(origin, directions, at)) };
    points.push(point);
    await onPoint?.(point, i + 1, coordinates.length);
  }
  return points;
}

export function pointAt(origin: Vector, directions: readonly Vector[], at: readonly number[]): Vector {
  const point = Float32Array.from(origin);
  directions.forEach((direction, i) => addTo(point, at[i] as number, direction));
  return point;
}

async function valuesAt(surfaces: Surfaces, point: Vector): Promise<Readonly<Record<string, PointValue>>> {
  const values: Record<string, PointValue> = {};
  for (const [name, surface] of Object.entries(surfaces)) values[name] = await surface.value(point);
  return values;
}

/** `count` numbers from one to another, evenly spaced; both are among them. */
export function evenly(from: number, to: number, count: number): readonly number[] {
  // By both ends, so that what is symmetric stays so to the last digit, and 0 and 1 are met where they lie between.
  return Array.from({ length: count }, (_, i) => (from * (count - 1 - i) + to * i) / (count - 1));
}

function requireSameWeights(surfaces: Surfaces, vectors: readonly Vector[]): void {
  const all = Object.entries(surfaces);
  if (all.length === 0)
    throw new FlatminError('ANALYSIS_INVALID', 'a landscape got no surface. Give at least one, by name.');
  for (const [name, { size }] of all) {
    const other = vectors.find(({ length }) => length !== size);
    if (other === undefined) continue;
    throw new FlatminError(
      'ANALYSIS_INVALID',
      `the surface ${name} has ${size} weights, and a point or direction ${other.length}. Give those of one model.`,
    );
  }
}
