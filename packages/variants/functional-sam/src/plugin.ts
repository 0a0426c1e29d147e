import { definePlugin, radius, variantFactory } from '@flatmin/core/plugin';
import * as z from 'zod';
import { functionalSamVariant } from './functionalSam.js';

export const functionalSamPlugin = definePlugin({
  kind: 'variant',
  id: 'functional-sam',
  apiVersion: 1,
  description:
    "Functional SAM: evaluates the model's Jacobian at the offset, and the gradient with respect to its outputs at the weights.",
  about: {
    paper: 'Functional SAM, ICML 2025, arXiv 2502.02407',
    direction: 'g / ||g||',
    finalGradient: 'J(theta + epsilon)^T dL/d outputs(theta)',
    evaluations: '2, and one forward pass',
    state: 'none',
  },
  options: z.strictObject({
    rho: radius(
      0.05,
      "Perturbation radius in the L2 norm over all weights (default ours; the paper's is not verified)",
    ),
  }),
  create: functionalSamVariant,
});

export const functionalSam = variantFactory(functionalSamPlugin);
