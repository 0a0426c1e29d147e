import { definePlugin, parameterRoles, radius, variantFactory } from '@flatmin/core/plugin';
import * as z from 'zod';
import { asamVariant } from './asam.js';

export const asamPlugin = definePlugin({
  kind: 'variant',
  id: 'asam',
  apiVersion: 1,
  description:
    'Adaptive SAM: the ball is measured in units of the weights themselves, so that rescaling them changes nothing.',
  about: {
    paper:
      'Kwon, Kim, Park, Choi, "ASAM: Adaptive Sharpness-Aware Minimization for Scale-Invariant Learning of Deep Neural Networks", ICML 2021, arXiv 2102.11600',
    direction: 'T^2 g / ||T g||, T = |w| + eta for kernels and embeddings, 1 elsewhere',
    finalGradient: 'gp',
    evaluations: '2',
    state: 'none',
  },
  options: z.strictObject({
    rho: radius(0.5, 'Perturbation radius, relative to the size of the weights (0.5: the official code)'),
    eta: z
      .number()
      .min(0)
      .default(0.01)
      .describe('Added to |w|, so that zero weights move too. 0.01: the official class.'),
    adaptiveRoles: z
      .array(z.enum(parameterRoles as [(typeof parameterRoles)[number], ...(typeof parameterRoles)[number][]]))
      .default(['kernel', 'embedding'])
      .describe(
        "Roles of the parameters scaled by |w| + eta; the others by 1. Default ours; the official code includes 'normalization'.",
      ),
  }),
  create: asamVariant,
});

export const asam = variantFactory(asamPlugin);
