import { RandomStream } from '@flatmin/core';
import * as z from 'zod';
import { checkedOptions } from '../options/checkedOptions.js';
import { estimateOf, sum } from '../vectors/estimate.js';
import { unit } from '../vectors/randomVectors.js';
import { Lanczos } from './lanczos.js';
import type { Operator } from './operator.js';

const schema = z.strictObject({
  runs: z.int().min(1).default(10).describe('random starts'),
  steps: z.int().min(1).default(80).describe('products of each run; the number of weights if that is smaller'),
  width: z
    .number()
    .positive()
    .default(0.01)
    .describe('standard deviation of the Gaussian at each eigenvalue, as a share of their range'),
  points: z.int().min(2).default(401).describe('points of the curve'),
  seed: z.int().min(0).default(0).describe('draws the starts'),
});

export interface DensityOptions {
  /** Random starts. Default 10. */
  readonly runs?: number | undefined;
  /** Products of each run; the number of weights if that is smaller. Default 80. */
  readonly steps?: number | undefined;
  /** Standard deviation of the Gaussian at each eigenvalue, as a share of their range. Default 0.01. */
  readonly width?: number | undefined;
  /** Points of the curve. Default 401. */
  readonly points?: number | undefined;
  /** Draws the starts. Default 0. */
  readonly seed?: number | undefined;
}

/** How the eigenvalues are spread: a density, whose integral is 1. */
export interface SpectralDensity {
  /** The points of the curve, evenly spaced, up to three standard deviations beyond the outermost eigenvalues found. */
  readonly eigenvalues: readonly number[];
  readonly density: readonly number[];
  /** Standard error of each over the runs. */
  readonly standardErrors: readonly number[];
  /** Standard deviation of the Gaussians, in units of the eigenvalues: closer eigenvalues are not resolved. */
  readonly width: number;
  /** The mean of the eigenvalues, from the same runs: the trace divided by P. */
  readonly mean: number;
  readonly products: number;
}

/** By which share of the largest eigenvalue others are not told apart: differences of float32 do no better. */
const rounding = 1e-4;

interface Weighted {
  readonly value: number;
  readonly weight: number;
}

/**
 * The density of the eigenvalues of a symmetric operator, by stochastic Lanczos quadrature: a run of m steps from a
 * random direction gives m values, with the squared first coordinates of their vectors as weights, whose moments are
 * those of the spectrum up to 2m - 1, in the mean over directions. Each is widened to a Gaussian.
 *
 * Cost: `runs` times `steps` products; 4 P bytes a step.
 *
 * Source: Ghorbani, Krishnan, Xiao, ICML 2019; Lin, Saad, Yang, "Approximating Spectral Densities of Large Matrices",
 * SIAM Review 2016.
 *
 * @throws FlatminError SPEC_INVALID for invalid options; what the operator throws.
 */
export async function spectralDensity(operator: Operator, options: DensityOptions = {}): Promise<SpectralDensity> {
  const { runs: count, steps, width: share, points, seed } = checkedOptions(schema, options, 'spectralDensity');
  const runs: (readonly Weighted[])[] = [];
  const length = Math.min(steps, operator.size);
  for (let run = 0; run < count; run++)
    runs.push(await quadrature(operator, length, new RandomStream(seed).at('density').at(run)));
  const values = runs.flat().map(({ value }) => value);
  const [least, greatest] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
  // All of one size but for rounding, as for a multiple of the identity: then by that.
  const size = Math.max(Math.abs(least), Math.abs(greatest));
  const range = greatest - least;
  const width = share * (range > rounding * size ? range : size || 1);
  const [from, to] = [least - 3 * width, greatest + 3 * width];
  const eigenvalues = Array.from({ length: points }, (_, i) => from + ((to - from) * i) / (points - 1));
  const curves = runs.map((run) =>
    eigenvalues.map((at) => sum(run.map(({ value, weight }) => weight * gaussian(at - value, width)))),
  );
  const at = eigenvalues.map((_, i) => estimateOf(curves.map((curve) => curve[i] as number)));
  return {
    eigenvalues,
    density: at.map(({ mean }) => mean),
    standardErrors: at.map(({ standardError }) => standardError),
    width,
    mean: sum(runs.map((run) => sum(run.map(({ value, weight }) => value * weight)))) / count,
    products: count * length,
  };
}

async function quadrature(operator: Operator, steps: number, random: RandomStream): Promise<readonly Weighted[]> {
  const lanczos = new Lanczos(operator, unit(random, operator.size), random);
  while (lanczos.steps < steps) await lanczos.step();
  return lanczos.ritzPairs().map(({ value, coordinates }) => ({ value, weight: (coordinates[0] as number) ** 2 }));
}

const gaussian = (x: number, width: number): number =>
  Math.exp(-0.5 * (x / width) ** 2) / (width * Math.sqrt(2 * Math.PI));
