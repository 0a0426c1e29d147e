import type { Vector } from '../vectors/vector.js';

/** A symmetric matrix [P, P] that is there by its products alone. */
export interface Operator {
  /** What it is, for reports. */
  readonly kind: 'hessian' | 'gauss-newton';
  /** P. */
  readonly size: number;
  /** Length of the displacement in weight space by which it is differentiated. */
  readonly step: number;
  /**
   * Relative error of a product: how far one along a curved direction was from that at a step sqrt(10) times longer.
   */
  readonly error: number;
  /** A v. */
  apply(vector: Vector): Promise<Vector>;
  /** The same at another step, which shows what of a result comes of the step. */
  withStep(step: number): Operator;
}
