import { ascend, mean, ofLength, type SharpnessVariant, type WeightVector } from '@flatmin/core/plugin';

/** The options of the algorithm; rho is an argument of each step. */
export interface VassoSettings {
  readonly theta: number;
}

/** The moving average along which the weights are perturbed. Absent before the first step. */
export interface VassoState {
  readonly d?: WeightVector;
}

/** VaSSO as a variant: perturbs along d, a moving average of clean gradients, whose noise is less than that of one. */
export function vassoVariant({ theta }: VassoSettings): SharpnessVariant<VassoState> {
  return {
    id: 'vasso',
    radius: 'linear',
    graphKey: () => 'step',
    initialState: () => ({}),
    estimate: (step) => {
      const { loss, gradient: g } = step.evaluate();
      const { d: last } = step.state;
      const d = last === undefined ? g : mean([last, g], [1 - theta, theta]);
      // The official code adds 1e-7 to the norm of d; here 1e-12 as everywhere, which shortens nothing.
      const { perturbed, ascent, metrics } = ascend(step, ofLength(d, step.radius));
      return { loss, gradient: perturbed, state: { d }, ascent, metrics };
    },
  };
}
