import { FlatminError, RandomStream } from '@flatmin/core';
import * as z from 'zod';
import { checkedOptions } from '../options/checkedOptions.js';
import type { SurfaceParameter } from '../surface/lossSurface.js';
import { project } from '../vectors/orthogonal.js';
import { dot, minus, norm, type Vector } from '../vectors/vector.js';
import { filterNormalized, unitOf } from './directions.js';
import { evenly, type LandscapeOptions, type LandscapePoint, measure, type Surfaces } from './grid.js';

/** A plane in weight space: origin + x first + y second. */
export interface Plane {
  readonly origin: Vector;
  readonly directions: readonly [first: Vector, second: Vector];
}

/** A point with a name, by its place in a plane. */
export interface Place {
  readonly x: number;
  readonly y: number;
  /** How far it lies outside of the plane. */
  readonly distance: number;
}

/**
 * The plane through weights along two random directions whose filters are as long as those of the weights; the second
 * is made orthogonal to the first. One unit is the length of the filters.
 */
export function filterPlane(weights: Vector, parameters: readonly SurfaceParameter[], seed = 0): Plane {
  const random = new RandomStream(seed).at('plane');
  const [first, second] = [0, 1].map((i) => filterNormalized(weights, parameters, random.at(i))) as [Vector, Vector];
  const length = norm(second);
  project(second, [unitOf(first)]);
  const factor = length / norm(second);
  return { origin: weights, directions: [first, second.map((value) => value * factor)] };
}

/**
 * The plane through three points: the origin is the first, x goes to the second, both by their distances in weight
 * space, so that a unit is a unit of the weights and a circle a ball.
 *
 * @throws FlatminError ANALYSIS_INVALID if the three lie on a line.
 */
export function planeThrough(a: Vector, b: Vector, c: Vector): Plane {
  const [first, second] = [minus(b, a), minus(c, a)];
  const sizes = [norm(first), norm(second)] as const;
  if (sizes[0] > 0) project(second, [unitOf(first)]);
  if (sizes[0] === 0 || norm(second) <= 1e-5 * sizes[1]) {
    throw new FlatminError(
      'ANALYSIS_INVALID',
      'the three points of a plane lie on a line. Give weights that differ in more than one direction.',
    );
  }
  return { origin: a, directions: [unitOf(first), unitOf(second)] };
}

/** The place of weights in a plane: its nearest point. */
export function placeOf(weights: Vector, { origin, directions }: Plane): Place {
  const rest = minus(weights, origin);
  const [x, y] = directions.map((direction) => dot(rest, direction) / dot(direction, direction)) as [number, number];
  project(rest, directions.map(unitOf));
  return { x, y, distance: norm(rest) };
}

const range = z.tuple([z.number(), z.number()]);
const planeSchema = z.strictObject({
  x: range.default([-1, 1]).describe('from where to where, in units of the first direction'),
  y: range.default([-1, 1]).describe('the same for the second'),
  points: z.int().min(2).default(21).describe('points on each side'),
});
export interface PlaneOptions extends LandscapeOptions {
  /** From where to where, in units of the first direction. Default [-1, 1]. */
  readonly x?: readonly [from: number, to: number] | undefined;
  /** The same for the second. Default [-1, 1]. */
  readonly y?: readonly [from: number, to: number] | undefined;
  /** Points on each side. Default 21. */
  readonly points?: number | undefined;
}

/** A plane, measured. */
export interface MeasuredPlane {
  /** Row by row, from the least y; `at` is [x, y]. */
  readonly points: readonly LandscapePoint[];
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/**
 * The loss on a grid of a plane.
 *
 * Cost: one forward pass per point and surface. It can be interrupted and continued: see {@link LandscapeOptions}.
 *
 * @param surfaces of one model, by name.
 * @throws FlatminError SPEC_INVALID for invalid options; ANALYSIS_INVALID for a plane of another model.
 * @example
 * ```ts
 * const { points } = await plane({ train, test }, filterPlane(train.weights, train.parameters), { points: 25 });
 * ```
 */
export async function plane(
  surfaces: Surfaces,
  { origin, directions }: Plane,
  options: PlaneOptions = {},
): Promise<MeasuredPlane> {
  const { known, onPoint, signal, ...given } = options;
  const { points: count, ...ranges } = checkedOptions(planeSchema, given, 'plane');
  const [x, y] = [evenly(...ranges.x, count), evenly(...ranges.y, count)];
  const coordinates = y.flatMap((row) => x.map((column) => [column, row]));
  return { points: await measure(surfaces, origin, directions, coordinates, { known, onPoint, signal }), x, y };
}
