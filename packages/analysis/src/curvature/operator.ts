import type { Vector } from '../vectors/vector.js';

/** A symmetric matrix [P, P] that is given only by its products with vectors. */
export interface Operator {
  /** What it is, for reports. */
  readonly kind: 'hessian' | 'gauss-newton';
  /** P. */
  readonly size: number;
  /** Length of the displacement in weight space by which it is differentiated. */
  readonly step: number;
  /**
   * Relative error of a product: how much a product along a curved direction differed from the one at a step sqrt(10)
   * times longer.
   */
  readonly error: number;
  /** A v. */
  apply(vector: Vector): Promise<Vector>;
  /** The same operator at another step, which shows how much of a result is due to the step. */
  withStep(step: number): Operator;
}
