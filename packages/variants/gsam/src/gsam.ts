import {
  ascend,
  axpy,
  ofLength,
  projectOut,
  projectOutDerivative,
  type SharpnessVariant,
  through,
} from '@flatmin/core/plugin';

/** The options of the algorithm; rho is an argument of each step. */
export interface GsamSettings {
  readonly alpha: number;
}

/** GSAM as a variant: SAM's gradient minus alpha times the part of the clean gradient that is orthogonal to it. */
export function gsamVariant({ alpha }: GsamSettings): SharpnessVariant<unknown> {
  return {
    id: 'gsam',
    radius: 'linear',
    graphKey: () => 'step',
    initialState: () => ({}),
    estimate: (step) => {
      const { loss, gradient: g } = step.evaluate();
      const { perturbed, ascent: climb, metrics } = ascend(step, ofLength(g, step.radius));
      // Climbing the clean loss across the perturbed gradient narrows the gap and, to first order, leaves the perturbed
      // loss alone.
      const { rest: orthogonal } = projectOut(g, perturbed);
      // rho turns the line that is projected on too.
      const ascent = through(climb, (d) =>
        axpy(-alpha, projectOutDerivative({ vector: g, along: perturbed }, { along: d }), d),
      );
      return { loss, gradient: axpy(-alpha, orthogonal, perturbed), state: step.state, ascent, metrics };
    },
  };
}
