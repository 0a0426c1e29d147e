import { FlatminError } from '@flatmin/core';
import * as z from 'zod';
import { checkedOptions } from '../options/checkedOptions.js';
import { minus, norm, type Vector } from '../vectors/vector.js';
import { evenly, type LandscapeOptions, type LandscapePoint, measure, type Surfaces } from './grid.js';

const lineSchema = z.strictObject({
  from: z.number().default(-0.5).describe('where it begins: 0 is the first end, 1 the second'),
  to: z.number().default(1.5).describe('where it ends'),
  points: z.int().min(2).default(41).describe('points, evenly spaced; 0 and 1 are measured in addition'),
});
export interface LineOptions extends LandscapeOptions {
  /** Where it begins: 0 is the first end, 1 the second. Default -0.5. */
  readonly from?: number | undefined;
  /** Where it ends. Default 1.5. */
  readonly to?: number | undefined;
  /** Points, evenly spaced; 0 and 1 are measured in addition. Default 41. */
  readonly points?: number | undefined;
}

export interface Line {
  /** From the first to the last; `at` is [alpha]. */
  readonly points: readonly LandscapePoint[];
  /** ||b - a||. */
  readonly distance: number;
}

/**
 * The loss on the straight line through two points, and beyond: L((1 - alpha) a + alpha b).
 *
 * Cost: one forward pass per point and surface.
 *
 * @param surfaces of one model, by name.
 * @throws FlatminError SPEC_INVALID for invalid options; ANALYSIS_INVALID for points of another model.
 */
export async function line(surfaces: Surfaces, a: Vector, b: Vector, options: LineOptions = {}): Promise<Line> {
  const { known, onPoint, signal, ...given } = options;
  const { from, to, points: count } = checkedOptions(lineSchema, given, 'line');
  const alphas = [...new Set([...evenly(from, to, count), 0, 1])].sort((x, y) => x - y);
  const direction = minus(b, a);
  const points = await measure(
    surfaces,
    a,
    [direction],
    alphas.map((alpha) => [alpha]),
    { known, onPoint, signal },
  );
  return { points, distance: norm(direction) };
}

/** How far the loss between two minima rises above the straight line between their losses. */
export interface Barrier {
  readonly barrier: number;
  /** Where: 0 is the first, 1 the second. */
  readonly alpha: number;
}

/**
 * Linear mode connectivity: the largest of L((1 - alpha) a + alpha b) - (1 - alpha) L(a) - alpha L(b) over the points
 * of a line from 0 to 1. Zero if the two lie in one basin, as far as the points show: it is a lower bound.
 *
 * Source: Frankle, Dziugaite, Roy, Carbin, "Linear Mode Connectivity and the Lottery Ticket Hypothesis", ICML 2020.
 *
 * @throws FlatminError NON_FINITE where a loss between the two is not finite.
 */
export function barrierOf({ points }: Line, surface: string): Barrier {
  const between = points
    .map(({ at, values }) => ({ alpha: at[0] as number, loss: values[surface]?.loss ?? NaN }))
    .filter(({ alpha }) => alpha >= 0 && alpha <= 1);
  const lossAt = (end: number): number => between.find(({ alpha }) => alpha === end)?.loss ?? NaN;
  const rises = between.map(({ alpha, loss }) => ({
    alpha,
    barrier: loss - (1 - alpha) * lossAt(0) - alpha * lossAt(1),
  }));
  const wrong = between.find(({ loss }) => !Number.isFinite(loss));
  if (wrong !== undefined || between.length === 0) {
    throw new FlatminError(
      'NON_FINITE',
      `the loss of ${surface} is ${wrong?.loss ?? 'not known'} ${wrong === undefined ? 'between the two' : `at ${wrong.alpha} between the two`}, so there is no barrier to report. Give weights of runs that did not diverge.`,
    );
  }
  return rises.reduce((highest, each) => (each.barrier > highest.barrier ? each : highest));
}
