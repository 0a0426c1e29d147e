import { FlatminError, RandomStream } from '@flatmin/core';
import type { LossSurface } from '../surface/lossSurface.js';
import { unit } from '../vectors/randomVectors.js';
import { minus, norm, scaled, type Vector } from '../vectors/vector.js';
import type { Operator } from './operator.js';

export interface OperatorOptions {
  /** Length of the displacement in weight space; by default it is found, at the cost of 5 to 15 products. */
  readonly step?: number | undefined;
  /** Draws the direction by which the step is found. Default 0. */
  readonly seed?: number | undefined;
}

/** A product with a vector, at a step. */
type Product = (vector: Vector, step: number) => Promise<Vector>;

/**
 * The Hessian of a surface at its weights, by central differences of the gradient:
 *
 *     H v = ||v|| (g(theta + h v / ||v||) - g(theta - h v / ||v||)) / (2 h)
 *
 * Second derivatives of TensorFlow.js itself do not work for most layers. Too long a step h is affected by third
 * derivatives, too short a step by the rounding of float32. The rule: among h = ||theta|| times 10^-1, 10^-1.5, ...,
 * 10^-4.5, find the two neighbors whose products with a direction differ least, and take the shorter one; {@link
 * Operator.error} is how much they differ. The search starts at 10^-2 and moves towards smaller differences. The
 * direction is H u for a random u, which leans towards large curvature, and with it large third derivatives.
 *
 * For relu and similar functions it is the Hessian between the kinks, as automatic differentiation computes it: see
 * {@link LossSurface.hessian}. Max pooling and `tf.maximum` are not held to their pieces; where they jump within a
 * step, the error says how much that matters.
 *
 * Cost: two gradients and a forward pass a product; 5 to 15 products for the step.
 *
 * @throws FlatminError ANALYSIS_INVALID for a step that is not above 0.
 * @example
 * ```ts
 * const { eigenvalues } = await topEigenvalues(await hessian(surface));
 * ```
 */
export async function hessian(surface: LossSurface, options: OperatorOptions = {}): Promise<Operator> {
  return operatorOf('hessian', surface, options, (vector, step) => surface.hessian(vector, step));
}

/**
 * The Gauss-Newton matrix of a surface at its weights: see {@link LossSurface.gaussNewton}. The rest of the Hessian is
 * the curvature of the outputs themselves.
 *
 * Cost: about two gradients a product; 5 to 15 products for the step.
 *
 * @throws FlatminError BATCH_ACCESS_MISSING if the loss does not go through outputs; otherwise as {@link hessian}.
 */
export async function gaussNewton(surface: LossSurface, options: OperatorOptions = {}): Promise<Operator> {
  return operatorOf('gauss-newton', surface, options, (vector, step) => surface.gaussNewton(vector, step));
}

async function operatorOf(
  kind: Operator['kind'],
  surface: LossSurface,
  { step, seed = 0 }: OperatorOptions,
  product: Product,
): Promise<Operator> {
  if (step !== undefined && !(step > 0 && Number.isFinite(step))) {
    throw new FlatminError(
      'ANALYSIS_INVALID',
      `the step of the ${kind} is ${step}. Give a length above 0, or leave it out.`,
    );
  }
  const size = norm(surface.weights) || 1;
  const random = unit(new RandomStream(seed).at('step'), surface.size);
  const curved = await product(random, step ?? size * 10 ** (-first / 2));
  // Flat as far as can be seen: one direction is as good as another.
  const direction = norm(curved) === 0 ? random : scaled(curved, 1 / norm(curved));
  const found =
    step === undefined
      ? await bestStep(product, direction, size)
      : { step, error: await errorAt(product, direction, step) };
  const at = (length: number): Operator => ({
    kind,
    size: surface.size,
    step: length,
    error: found.error,
    apply: (vector) => product(vector, length),
    withStep: at,
  });
  return at(found.step);
}

/** Between one step and the next. */
export const stepRatio = Math.sqrt(10);

/** Of the longer of two neighbors, by halves of a power of ten: 10^-1, 10^-2 and 10^-4. */
const [longest, first, shortest] = [2, 4, 8];

async function bestStep(product: Product, direction: Vector, size: number): Promise<{ step: number; error: number }> {
  const stepOf = (rung: number): number => size * 10 ** (-rung / 2);
  const products = new Map<number, Vector>();
  const at = async (rung: number): Promise<Vector> => {
    const known = products.get(rung) ?? (await product(direction, stepOf(rung)));
    products.set(rung, known);
    return known;
  };
  const errors = new Map<number, number>();
  const errorOf = async (rung: number): Promise<number> => {
    const known = errors.get(rung) ?? difference(await at(rung), await at(rung + 1));
    errors.set(rung, known);
    return known;
  };
  let best = first;
  for (const by of [1, -1]) {
    let next = best + by;
    while (next >= longest && next <= shortest && (await errorOf(next)) < (await errorOf(best))) {
      best = next;
      next += by;
    }
    if (best !== first) break;
  }
  return { step: stepOf(best + 1), error: await errorOf(best) };
}

async function errorAt(product: Product, direction: Vector, step: number): Promise<number> {
  return difference(await product(direction, step * stepRatio), await product(direction, step));
}

/** Of two products that should be the same, by the size of the second; 0 where both are. */
function difference(a: Vector, b: Vector): number {
  const size = norm(b);
  return size === 0 ? norm(a) : norm(minus(a, b)) / size;
}
