import { ascend, scale, type SharpnessVariant } from '@flatmin/core/plugin';

/** USAM as a variant: epsilon = rho g, not normalized, so that it fades where the gradient does. */
export function usamVariant(): SharpnessVariant<unknown> {
  return {
    id: 'usam',
    radius: 'linear',
    graphKey: () => 'step',
    initialState: () => ({}),
    estimate: (step) => {
      const { loss, gradient: g } = step.evaluate();
      const { perturbed, ascent, metrics } = ascend(step, scale(g, step.radius));
      return { loss, gradient: perturbed, state: step.state, ascent, metrics };
    },
  };
}
