import { RandomStream } from '@flatmin/core';
import * as z from 'zod';
import { checkedOptions } from '../options/checkedOptions.js';
import { unit } from '../vectors/randomVectors.js';
import { minus, norm, scaled, type Vector } from '../vectors/vector.js';
import { stepRatio } from './hessian.js';
import { Lanczos, type RitzPair } from './lanczos.js';
import type { Operator } from './operator.js';

const schema = z.strictObject({
  k: z.int().min(1).default(10).describe('eigenvalues'),
  which: z
    .enum(['largest', 'smallest', 'magnitude'])
    .default('largest')
    .describe('those with the largest value, the smallest, or the largest absolute value'),
  tolerance: z
    .number()
    .positive()
    .default(1e-4)
    .describe('the process ends when the residual, divided by the largest absolute eigenvalue, is below this'),
  maxIterations: z.int().min(1).optional().describe('products at most; default 20 and 8 for each eigenvalue'),
  seed: z.int().min(0).default(0).describe('draws the start'),
  vectors: z.boolean().default(false).describe('whether to give the eigenvectors'),
});

export interface TopEigenvaluesOptions {
  /** Eigenvalues. Default 10. */
  readonly k?: number | undefined;
  /** Those with the largest value, the smallest, or the largest absolute value. Default largest. */
  readonly which?: 'largest' | 'smallest' | 'magnitude' | undefined;
  /** The process ends when the residual, divided by the largest absolute eigenvalue, is below this. Default 1e-4. */
  readonly tolerance?: number | undefined;
  /** Products at most; default 20 and 8 for each eigenvalue. */
  readonly maxIterations?: number | undefined;
  /** Draws the start. Default 0. */
  readonly seed?: number | undefined;
  /** Whether to give the eigenvectors. Default false. */
  readonly vectors?: boolean | undefined;
}
type Settings = z.output<typeof schema>;

/** Eigenvalues that were asked for, and how good they are. */
export interface TopEigenvalues {
  /** In the order that `which` asks for. Fewer than k if the matrix has fewer, or the process had fewer steps. */
  readonly eigenvalues: readonly number[];
  /**
   * The length of A v - lambda v for each, with v of length 1: a symmetric matrix has an eigenvalue within that
   * distance of lambda. Measured with a separate product at a shorter step, so that it includes the error of
   * differences.
   */
  readonly residuals: readonly number[];
  /** Whether each fell below the tolerance within the iterations. */
  readonly converged: readonly boolean[];
  /** Products of the process, and for residuals one for each eigenvalue. */
  readonly iterations: number;
  /** The orthonormal eigenvectors where they were asked for. */
  readonly vectors?: readonly Vector[];
}

/**
 * The k largest eigenvalues of a symmetric operator, by Lanczos with full re-orthogonalization. Deterministic by seed.
 *
 * Cost: a product an iteration, mostly 2 to 6 for each eigenvalue, and one for each residual; 4 P bytes an iteration.
 *
 * Source: Lanczos 1950; for networks Ghorbani, Krishnan, Xiao, "An Investigation into Neural Net Optimization via
 * Hessian Eigenvalue Density", ICML 2019.
 *
 * @throws FlatminError SPEC_INVALID for invalid options; what the operator throws.
 * @example
 * ```ts
 * const { eigenvalues, residuals } = await topEigenvalues(await hessian(surface), { k: 5 });
 * ```
 */
export async function topEigenvalues(operator: Operator, options: TopEigenvaluesOptions = {}): Promise<TopEigenvalues> {
  const settings = checkedOptions(schema, options, 'topEigenvalues');
  const k = Math.min(settings.k, operator.size);
  const most = Math.min(operator.size, settings.maxIterations ?? 20 + 8 * k);
  const random = new RandomStream(settings.seed).at('lanczos');
  const lanczos = new Lanczos(operator, unit(random, operator.size), random);
  let pairs: readonly RitzPair[] = [];
  let isDone = false;
  while (!isDone && lanczos.steps < most) {
    await lanczos.step();
    if (lanczos.steps < k || (lanczos.steps % 5 !== 0 && lanczos.steps < most)) continue;
    pairs = chosen(lanczos.ritzPairs(), k, settings.which);
    isDone = pairs.every((pair) => isBelow(pair.residual, pairs, settings));
  }
  if (pairs.length === 0) pairs = chosen(lanczos.ritzPairs(), k, settings.which);
  const vectors = pairs.map(({ coordinates }) => lanczos.vectorOf(coordinates));
  const residuals = await residualsOf(operator, pairs, vectors);
  return {
    eigenvalues: pairs.map(({ value }) => value),
    residuals,
    converged: pairs.map(({ residual }) => isBelow(residual, pairs, settings)),
    iterations: lanczos.steps + vectors.length,
    ...(settings.vectors && { vectors }),
  };
}

function chosen(pairs: readonly RitzPair[], k: number, which: Settings['which']): readonly RitzPair[] {
  if (which === 'largest') return pairs.slice(0, k);
  if (which === 'smallest') return pairs.slice(-k).reverse();
  return [...pairs].sort((a, b) => Math.abs(b.value) - Math.abs(a.value)).slice(0, k);
}

function isBelow(residual: number, pairs: readonly RitzPair[], { tolerance }: Settings): boolean {
  return residual <= tolerance * Math.max(...pairs.map(({ value }) => Math.abs(value)));
}

async function residualsOf(
  operator: Operator,
  pairs: readonly RitzPair[],
  vectors: readonly Vector[],
): Promise<number[]> {
  const other = operator.withStep(operator.step / stepRatio);
  const residuals: number[] = [];
  for (const [i, vector] of vectors.entries()) {
    const product = await other.apply(vector);
    residuals.push(norm(minus(product, scaled(vector, (pairs[i] as RitzPair).value))));
  }
  return residuals;
}
