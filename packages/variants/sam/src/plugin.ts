import { definePlugin, radius, variantFactory } from '@flatmin/core';
import { z } from 'zod';
import { samVariant } from './sam.js';

export const samPlugin = definePlugin({
  kind: 'variant',
  id: 'sam',
  apiVersion: 1,
  description:
    'Sharpness-Aware Minimization: descends along the gradient at the worst point of a ball around the weights.',
  options: z.strictObject({
    rho: radius(0.05, 'Perturbation radius: the length of each ascent step, in the L2 norm over all weights'),
    ascentSteps: z
      .number()
      .int()
      .min(1)
      .default(1)
      .describe('Ascent steps, each of length rho; each costs one gradient.'),
    microBatches: z
      .number()
      .int()
      .min(1)
      .default(1)
      .describe(
        'm-sharpness: perturbs this many parts of the batch separately and averages; needs a loss with batch access.',
      ),
  }),
  create: samVariant,
});

export const sam = variantFactory(samPlugin);
