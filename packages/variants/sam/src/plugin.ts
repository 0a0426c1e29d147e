import { definePlugin, radius, variantFactory } from '@flatmin/core/plugin';
import * as z from 'zod';
import { samVariant } from './sam.js';

export const samPlugin = definePlugin({
  kind: 'variant',
  id: 'sam',
  apiVersion: 1,
  description:
    'Sharpness-Aware Minimization: descends along the gradient at the worst point of a ball around the weights.',
  about: {
    paper:
      'Foret, Kleiner, Mobahi, Neyshabur, "Sharpness-Aware Minimization for Efficiently Improving Generalization", ICLR 2021, arXiv 2010.01412',
    direction: 'g / ||g||',
    finalGradient: 'gp',
    evaluations: 'ascentSteps + 1',
    state: 'none',
  },
  options: z.strictObject({
    rho: radius(
      0.05,
      'Perturbation radius: the length of each ascent step, in the L2 norm over all weights (0.05: the paper, for CIFAR)',
    ),
    ascentSteps: z
      .number()
      .int()
      .min(1)
      .default(1)
      .describe('Ascent steps, each of length rho; each costs one gradient. 1 is the paper.'),
  }),
  create: samVariant,
});

export const sam = variantFactory(samPlugin);
