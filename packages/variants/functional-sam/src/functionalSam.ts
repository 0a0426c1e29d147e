import { alongOutputs, ascentOf, norm, ofLength, type SharpnessVariant } from '@flatmin/core';

/**
 * Functional SAM as a variant: the gradient at theta + epsilon of <v, outputs>, where v = dL / d outputs is that of the clean weights.
 * SAM moves both factors of its gradient, J^T v, to the offset; this one only the Jacobian J.
 */
export function functionalSamVariant(): SharpnessVariant<unknown> {
  return {
    id: 'functional-sam',
    radius: 'linear',
    branch: () => 'step',
    initialState: () => ({}),
    estimate: (step) => {
      const { loss, gradient: clean } = step.evaluate();
      const along = alongOutputs(step.loss, step.evaluateOutputGradient(), 'functional-sam');
      const offset = ofLength(clean, step.radius);
      // To core it is another loss, whose first pass would move statistics a second time.
      const { gradient: perturbed } = step.evaluate({ loss: along, offset, heldOut: true });
      const ascent = ascentOf(offset, step.radius, { clean, perturbed });
      return { loss, gradient: perturbed, state: step.state, ascent, report: { perturbationNorm: norm(offset) } };
    },
  };
}
