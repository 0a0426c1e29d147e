/** Where the loss is measured, in units of the direction: 0 is the weights. */
export const alphas: readonly number[] = Array.from({ length: 21 }, (_, i) => (i - 10) / 10);

/** The loss along one direction through the weights that a run had after a step. */
export interface Slice {
  readonly step: number;
  /** How far from the weights the method looked, where its radius is that; else null. */
  readonly reach: number | null;
  readonly weights: Float32Array;
  /** At each of {@link alphas}. */
  readonly losses: readonly number[];
  /** ||d||: how far the weights move from alpha 0 to 1. */
  readonly length: number;
}

export const centerOf = ({ losses }: Slice): number => lossAt(losses, 0);

/** How much higher the loss is halfway, at alpha = 0.5 and -0.5, than at the center: the mean of both sides. */
export const riseOf = ({ losses }: Slice): number =>
  (lossAt(losses, 0.5) + lossAt(losses, -0.5)) / 2 - lossAt(losses, 0);

const lossAt = (losses: readonly number[], alpha: number): number => losses[alphas.indexOf(alpha)]!;
