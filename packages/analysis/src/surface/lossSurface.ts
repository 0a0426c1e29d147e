import type { ParameterInfo } from '@flatmin/core/plugin';
import type { Vector } from '../vectors/vector.js';

/** A variable of a surface, and the position of its elements in a flat vector: from `start` to before `end`. */
export interface SurfaceParameter extends ParameterInfo {
  readonly start: number;
  readonly end: number;
}

/** The value of a surface at a point. */
export interface PointValue {
  /** Mean over the examples; may be infinite or NaN far from the weights. */
  readonly loss: number;
  /** Other metrics, by name: `accuracy`. */
  readonly metrics: Readonly<Record<string, number>>;
}

/** Passes over all examples of a surface. */
export interface PassCounts {
  /** Forward passes without a backward pass. */
  readonly values: number;
  /** Forward and backward passes. */
  readonly gradients: number;
}

/** The slope of a surface at a point. */
export interface Slope {
  readonly loss: number;
  readonly gradient: Vector;
}

/**
 * A loss as a function of P weights, over fixed examples: L(theta) = mean over examples of their losses. A point is a
 * flat vector [P] of all variables, one after the other; without one, `weights` is used. The variables of the model are
 * set for the duration of a pass and always restored, even after an error.
 */
export interface LossSurface {
  readonly parameters: readonly SurfaceParameter[];
  /** P. */
  readonly size: number;
  /** The number of examples that the mean is over; NaN if the loss does not state it. */
  readonly examples: number;
  /** theta, the values of the variables when the surface was made or {@link reread} was last called. */
  readonly weights: Vector;
  /** Passes so far. */
  readonly passes: PassCounts;
  /** Why passes run operation by operation and not as graphs; undefined where they run as graphs. */
  readonly eagerBecause: string | undefined;
  /** Cost: one forward pass over the examples. */
  value(point?: Vector): Promise<PointValue>;
  /**
   * Cost: one forward and one backward pass.
   *
   * @throws FlatminError NON_FINITE if the loss or an element of the gradient is not a finite number.
   */
  gradient(point?: Vector): Promise<Slope>;
  /**
   * H v with the Hessian H, by the central difference of gradients at a distance of `step` on both sides. Each element
   * of relu, relu6, leaky relu and abs is held on the linear piece that it is on at the weights: this measures the
   * Hessian between the kinks, as automatic differentiation computes it, and not the jumps across them.
   *
   * Cost: two gradients, and a forward pass.
   *
   * @param step length of the displacement in weight space.
   * @throws FlatminError NON_FINITE if a gradient is not finite.
   */
  hessian(vector: Vector, step: number): Promise<Vector>;
  /**
   * G v with the Gauss-Newton matrix G = mean of J^T (d2 loss / d outputs2) J, where J is the Jacobian of the outputs:
   * the part of the Hessian that remains if the outputs are linear in the weights; never negative if the loss is convex
   * in the outputs.
   *
   * Cost: one gradient, two forward passes, and the gradient of the loss by its outputs twice.
   *
   * @param step length of the displacement in weight space by which J v is differentiated.
   * @throws FlatminError BATCH_ACCESS_MISSING if the loss does not go through outputs.
   */
  gaussNewton(vector: Vector, step: number): Promise<Vector>;
  /** The surface of each batch alone, over which m-sharpness is a mean. They are disposed with this surface. */
  ofBatches(): readonly LossSurface[];
  /** Takes over the current weights of the variables. */
  reread(): Promise<void>;
  /** Frees batches and graphs. The variables stay the caller's. */
  dispose(): void;
}
