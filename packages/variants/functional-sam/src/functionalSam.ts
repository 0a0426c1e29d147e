import { alongOutputs, ascentOf, norm, ofLength, type SharpnessVariant, type WeightVector } from '@flatmin/core/plugin';

/**
 * Functional SAM as a variant: the gradient at theta + epsilon of <v, outputs>, where v = dL / d outputs is that of the
 * clean weights. SAM moves both factors of its gradient, J^T v, to the offset; this one only the Jacobian J.
 */
export function functionalSamVariant(): SharpnessVariant<unknown> {
  return {
    id: 'functional-sam',
    radius: 'linear',
    // The squares of its gradient are not an estimate of its Hessian, sum_k v_k H_k: they have the wrong sign two times
    // of three.
    curvatures: ['secant', 'exact'],
    graphKey: () => 'step',
    initialState: () => ({}),
    estimate: (step) => {
      const { loss, gradient: clean } = step.evaluate();
      const along = alongOutputs(step.loss, step.evaluateOutputGradient(), 'functional-sam');
      const offset = ofLength(clean, step.radius);
      // To core it is another loss, whose first pass would move statistics a second time.
      const gradientAt = (at: WeightVector): WeightVector =>
        step.evaluate({ loss: along, offset: at, updateStatistics: false }).gradient;
      const perturbed = gradientAt(offset);
      const ascent = ascentOf(offset, step.radius, { clean, perturbed, gradientAt });
      return { loss, gradient: perturbed, state: step.state, ascent, metrics: { perturbationNorm: norm(offset) } };
    },
  };
}
