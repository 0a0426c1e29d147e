import { definePlugin, radius, variantFactory } from '@flatmin/core/plugin';
import * as z from 'zod';
import { sampaVariant } from './sampa.js';

export const sampaPlugin = definePlugin({
  kind: 'variant',
  id: 'sampa',
  apiVersion: 1,
  description:
    'SAMPa: perturbs along a gradient of the previous step, so that its two gradients can be computed at once.',
  about: {
    paper: 'Xie, Pethick, Cevher, "SAMPa: Sharpness-aware Minimization Parallelized", NeurIPS 2024, arXiv 2410.10683',
    direction: "c / ||c||, c the last step's gradient at y",
    finalGradient: '(1 - lambda) gp + lambda c, c = grad L(y), y = theta - lr (the previous c + momentum v)',
    evaluations: '2, which do not wait for each other, and a forward pass; 1 in the first step',
    state: 'c, one copy of the weights, and the last batch unless perturbedBatch is "current"',
  },
  options: z.strictObject({
    rho: radius(0.1, 'Perturbation radius (0.1: the official script)'),
    lambda: z
      .number()
      .min(0)
      .max(1)
      .default(0.2)
      .describe('Weight of the gradient at y in the final one; 0 is the plain SAMPa of the paper. 0.2: the official script.'), // prettier-ignore
    perturbedBatch: z
      .enum(['previous', 'current'])
      .default('previous')
      .describe(
        'The batch of the gradient at the offset: previous, the one on which c was computed (the official code), which needs a loss with batch access; or current, that of the step (ours).',
      ),
  }),
  create: sampaVariant,
});

export const sampa = variantFactory(sampaPlugin);
