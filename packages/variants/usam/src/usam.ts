import { ascend, scale, type SharpnessVariant } from '@flatmin/core';

/** USAM as a variant: epsilon = rho g, not normalized, so that it fades where the gradient does. */
export function usamVariant(): SharpnessVariant<unknown> {
  return {
    id: 'usam',
    radius: 'linear',
    branch: () => 'step',
    initialState: () => ({}),
    estimate: (step) => {
      const { loss, gradient: g } = step.evaluate();
      const { perturbed, ascent, report } = ascend(step, scale(g, step.radius));
      return { loss, gradient: perturbed, state: step.state, ascent, report };
    },
  };
}
