import { FlatminError, RandomStream } from '@flatmin/core';
import * as z from 'zod';
import { checkedOptions } from '../options/checkedOptions.js';
import type { LossSurface, PassCounts } from '../surface/lossSurface.js';
import { estimateOf, sum } from '../vectors/estimate.js';
import { normals } from '../vectors/randomVectors.js';
import { plus, scaled, times } from '../vectors/vector.js';
import { type Ball, scaleOf, steepest, within } from './ball.js';

const ball = {
  rho: z.number().positive().default(0.05).describe('radius of the ball'),
  adaptive: z
    .boolean()
    .default(false)
    .describe('scales the radius by the size of each weight, |theta| + 0.01, as in ASAM'),
};
const batches = {
  perBatch: z
    .boolean()
    .default(false)
    .describe("m-sharpness: the mean over the batches of the surface of each batch's own sharpness"),
};

export interface BallOptions {
  /** Radius of the ball. Default 0.05. */
  readonly rho?: number | undefined;
  /** Scales the radius by the size of each weight, |theta| + 0.01, as in ASAM. Default false. */
  readonly adaptive?: boolean | undefined;
}

/** How much the loss rises. */
export interface Sharpness {
  /** L(theta + delta) - L(theta). */
  readonly sharpness: number;
  /** Over batches or samples; 0 if nothing was drawn. */
  readonly standardError: number;
  /** L(theta). */
  readonly loss: number;
  /** Gradients over the examples that it took, and forward passes without a gradient. */
  readonly gradients: number;
  readonly values: number;
}

const oneStepSchema = z.strictObject({ ...ball, ...batches });
export interface OneStepOptions extends BallOptions {
  /** m-sharpness: the mean over the batches of the surface of each batch's own sharpness. Default false. */
  readonly perBatch?: boolean | undefined;
}

/**
 * What SAM minimizes in addition to the loss: the rise along one step of length rho to where the linearized loss is
 * largest, L(theta + rho g / ||g||) - L(theta), or with `adaptive` ASAM's L(theta + rho T^2 g / ||T g||) - L(theta).
 *
 * Cost: a gradient and a forward pass.
 *
 * @throws FlatminError SPEC_INVALID for invalid options; NON_FINITE where the loss at the weights is not finite.
 */
export async function oneStepSharpness(surface: LossSurface, options: OneStepOptions = {}): Promise<Sharpness> {
  const settings = checkedOptions(oneStepSchema, options, 'oneStepSharpness');
  return overBatches(surface, settings.perBatch, async (each) => {
    const { loss, gradient } = await each.gradient();
    const delta = steepest(gradient, ballOf(each, settings, 'l2'));
    return { loss, rise: (await each.value(plus(each.weights, 1, delta))).loss - loss };
  });
}

const worstCaseSchema = z.strictObject({
  ...ball,
  ...batches,
  norm: z.enum(['l2', 'linf']).default('l2').describe('norm of the ball'),
  steps: z.int().min(1).default(20).describe('steps of the ascent'),
});
export interface WorstCaseOptions extends OneStepOptions {
  /** Norm of the ball. Default l2. */
  readonly norm?: 'l2' | 'linf' | undefined;
  /** Steps of the ascent. Default 20. */
  readonly steps?: number | undefined;
}

/**
 * The largest rise of the loss in a ball around the weights that projected gradient ascent finds: starting at SAM's
 * point, it takes steps of 2.5 rho / steps along the gradient (its sign in l-infinity), each projected back into the
 * ball, and returns the highest point on the way. So it is a lower bound on the largest rise, and never below that of
 * one step or 0.
 *
 * Cost: steps + 2 gradients.
 *
 * Source: Andriushchenko et al., ICML 2023 (adaptive, l2 and l-infinity, m-sharpness); the ascent is that of Madry et
 * al. 2018.
 *
 * @throws FlatminError SPEC_INVALID for invalid options; NON_FINITE where the loss at the weights is not finite.
 * @example
 * ```ts
 * const { sharpness } = await worstCaseSharpness(surface, { rho: 0.1, norm: 'linf', adaptive: true });
 * ```
 */
export async function worstCaseSharpness(surface: LossSurface, options: WorstCaseOptions = {}): Promise<Sharpness> {
  const settings = checkedOptions(worstCaseSchema, options, 'worstCaseSharpness');
  return overBatches(surface, settings.perBatch, async (each) => {
    const around = ballOf(each, settings, settings.norm);
    const step = { ...around, rho: (2.5 * around.rho) / settings.steps };
    const start = await each.gradient();
    let highest = start.loss;
    let delta = steepest(start.gradient, around);
    for (let i = 0; i < settings.steps; i++) {
      const { loss, gradient } = await each.gradient(plus(each.weights, 1, delta));
      highest = Math.max(highest, loss);
      delta = within(plus(delta, 1, steepest(gradient, step)), around);
    }
    highest = Math.max(highest, (await each.value(plus(each.weights, 1, delta))).loss);
    return { loss: start.loss, rise: highest - start.loss };
  });
}

const averageSchema = z.strictObject({
  ...ball,
  samples: z.int().min(2).default(100).describe('displacements, in pairs of opposite ones'),
  seed: z.int().min(0).default(0).describe('draws them'),
});
export interface AverageCaseOptions extends BallOptions {
  /** Displacements, in pairs of opposite ones. Default 100. */
  readonly samples?: number | undefined;
  /** Draws them. Default 0. */
  readonly seed?: number | undefined;
}

/**
 * The mean rise of the loss under noise, E L(theta + delta) - L(theta) with each delta_i normal of deviation rho (times
 * |theta_i| + 0.01 with `adaptive`): to second order rho^2 / 2 times the trace of the Hessian. Displacements come in
 * pairs +delta, -delta, so that slopes cancel.
 *
 * Cost: samples + 1 forward passes.
 *
 * @throws FlatminError SPEC_INVALID for invalid options; NON_FINITE where a loss is not finite.
 */
export async function averageCaseSharpness(surface: LossSurface, options: AverageCaseOptions = {}): Promise<Sharpness> {
  const { rho, adaptive, samples, seed } = checkedOptions(averageSchema, options, 'averageCaseSharpness');
  const scale = scaleOf(surface.weights, adaptive);
  const { loss } = await surface.value();
  const rises: number[] = [];
  for (let i = 0; i < Math.ceil(samples / 2); i++) {
    const noise = scaled(times(normals(new RandomStream(seed).at('average').at(i), surface.size), scale), rho);
    const above = await surface.value(plus(surface.weights, 1, noise));
    const below = await surface.value(plus(surface.weights, -1, noise));
    rises.push((above.loss + below.loss) / 2 - loss);
  }
  const { mean, standardError } = estimateOf(rises);
  if (!Number.isFinite(mean)) {
    throw new FlatminError(
      'NON_FINITE',
      `the mean loss under noise of deviation ${rho} is ${loss + mean}, where that at the weights is ${loss}. Give a smaller rho, or weights of a run that did not diverge.`,
    );
  }
  return { sharpness: mean, standardError, loss, gradients: 0, values: 1 + 2 * rises.length };
}

function ballOf(
  surface: LossSurface,
  { rho, adaptive }: { readonly rho: number; readonly adaptive: boolean },
  norm: Ball['norm'],
): Ball {
  return { norm, rho, scale: scaleOf(surface.weights, adaptive) };
}

/** The rise on all examples together, or the mean of those on each batch. */
async function overBatches(
  surface: LossSurface,
  perBatch: boolean,
  riseOf: (surface: LossSurface) => Promise<{ readonly loss: number; readonly rise: number }>,
): Promise<Sharpness> {
  const all = perBatch ? surface.ofBatches() : [surface];
  const before = countOf(all);
  const found: { readonly loss: number; readonly rise: number }[] = [];
  for (const each of all) found.push(await riseOf(each));
  const after = countOf(all);
  const { mean, standardError } = estimateOf(found.map(({ rise }) => rise));
  return {
    sharpness: mean,
    standardError: perBatch ? standardError : 0,
    loss: estimateOf(found.map(({ loss }) => loss)).mean,
    // A pass over each batch is one over all examples.
    gradients: (after.gradients - before.gradients) / all.length,
    values: (after.values - before.values) / all.length,
  };
}

function countOf(surfaces: readonly LossSurface[]): PassCounts {
  const passes = surfaces.map((each) => each.passes);
  return { gradients: sum(passes.map(({ gradients }) => gradients)), values: sum(passes.map(({ values }) => values)) };
}
