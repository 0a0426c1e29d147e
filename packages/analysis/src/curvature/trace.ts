import { RandomStream } from '@flatmin/core';
import * as z from 'zod';
import { checkedOptions } from '../options/checkedOptions.js';
import { estimateOf } from '../vectors/estimate.js';
import { orthonormal, project } from '../vectors/orthogonal.js';
import { signs } from '../vectors/randomVectors.js';
import { dot, type Vector } from '../vectors/vector.js';
import type { Operator } from './operator.js';

const schema = z.strictObject({
  method: z
    .enum(['hutch++', 'hutchinson'])
    .default('hutch++')
    .describe('hutch++ handles the largest eigenvalues exactly; hutchinson uses random probes alone'),
  products: z.int().min(3).default(100).describe('products of the operator with a vector'),
  seed: z.int().min(0).default(0).describe('draws the probes'),
});

export interface TraceOptions {
  /** hutch++ handles the largest eigenvalues exactly; hutchinson uses random probes alone. Default hutch++. */
  readonly method?: 'hutch++' | 'hutchinson' | undefined;
  /** Products of the operator with a vector. Default 100. */
  readonly products?: number | undefined;
  /** Draws the probes. Default 0. */
  readonly seed?: number | undefined;
}

export interface TraceEstimate {
  readonly trace: number;
  /** Standard error over the probes; 0 if nothing is random. */
  readonly standardError: number;
  /** Products that it took. */
  readonly products: number;
}

/**
 * The trace of a symmetric operator: the sum of its eigenvalues.
 *
 * Hutchinson: the mean of z^T A z over probes z of random signs, exact in the mean. Hutch++ takes a third of the
 * products for a space Q that holds most of the largest eigenvalues, a third for tr(Q^T A Q), which is exact, and a
 * third for Hutchinson's estimate of the rest: if few eigenvalues are large, its error falls as 1 / products instead of
 * 1 / sqrt(products).
 *
 * Cost: `products` products; 4 P bytes for two thirds of them.
 *
 * Source: Meyer, Musco, Musco, Woodruff, "Hutch++: Optimal Stochastic Trace Estimation", SOSA 2021; Hutchinson 1990.
 *
 * @throws FlatminError SPEC_INVALID for invalid options; what the operator throws.
 * @example
 * ```ts
 * const { trace: sum, standardError } = await trace(await hessian(surface), { products: 60 });
 * ```
 */
export async function trace(operator: Operator, options: TraceOptions = {}): Promise<TraceEstimate> {
  const { method, products, seed } = checkedOptions(schema, options, 'trace');
  const random = new RandomStream(seed).at('trace');
  if (method === 'hutchinson') return { ...(await probed(operator, products, random)), products };
  const third = Math.floor(products / 3);
  const sketch: Vector[] = [];
  for (let i = 0; i < Math.min(third, operator.size); i++) {
    sketch.push(await operator.apply(signs(random.at('sketch').at(i), operator.size)));
  }
  const basis = orthonormal(sketch);
  let within = 0;
  for (const direction of basis) within += dot(direction, await operator.apply(direction));
  const spent = sketch.length + basis.length;
  if (basis.length === operator.size) return { trace: within, standardError: 0, products: spent };
  const rest = await probed(operator, products - spent, random, basis);
  return { trace: within + rest.trace, standardError: rest.standardError, products };
}

/** Hutchinson's estimate of what of the trace is beside an orthonormal set. */
async function probed(
  operator: Operator,
  count: number,
  random: RandomStream,
  beside: readonly Vector[] = [],
): Promise<Omit<TraceEstimate, 'products'>> {
  const values: number[] = [];
  for (let i = 0; i < count; i++) {
    const probe = signs(random.at('probe').at(i), operator.size);
    project(probe, beside);
    values.push(dot(probe, await operator.apply(probe)));
  }
  const { mean, standardError } = estimateOf(values);
  return { trace: mean, standardError };
}
