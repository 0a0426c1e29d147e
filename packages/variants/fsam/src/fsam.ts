import { ascend, axpy, mean, ofLength, type SharpnessVariant, type WeightVector } from '@flatmin/core/plugin';

/** The options of the algorithm; rho is an argument of each step. */
export interface FsamSettings {
  readonly sigma: number;
  readonly lambda: number;
}

/** The moving average of clean gradients: an estimate of the full gradient. Absent before the first step. */
export interface FsamState {
  readonly m?: WeightVector;
}

/**
 * Friendly SAM as a variant: perturbs along what is particular to this batch, g minus the average of earlier gradients.
 */
export function fsamVariant({ sigma, lambda }: FsamSettings): SharpnessVariant<FsamState> {
  return {
    id: 'fsam',
    radius: 'linear',
    graphKey: () => 'step',
    initialState: () => ({}),
    estimate: (step) => {
      const { loss, gradient: g } = step.evaluate();
      const { m: last } = step.state;
      // Departs from the paper, as its official code does: subtracts the previous average, not the updated one.
      const d = last === undefined ? g : axpy(-sigma, last, g);
      const m = last === undefined ? g : mean([last, g], [lambda, 1 - lambda]);
      const { perturbed, ascent, metrics } = ascend(step, ofLength(d, step.radius));
      return { loss, gradient: perturbed, state: { m }, ascent, metrics };
    },
  };
}
