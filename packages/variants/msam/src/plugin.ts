import { definePlugin, radius, variantFactory } from '@flatmin/core/plugin';
import * as z from 'zod';
import { msamVariant } from './msam.js';

export const msamPlugin = definePlugin({
  kind: 'variant',
  id: 'msam',
  apiVersion: 1,
  description: "Momentum SAM: perturbs along the base's momentum, at the cost of the base's gradient alone.",
  about: {
    paper:
      'Becker, Altrock, Risse, "Momentum-SAM: Sharpness Aware Minimization without Computational Overhead", arXiv 2401.12033',
    direction: "-v / ||v||, v the base's momentum",
    finalGradient: 'gp',
    evaluations: '1, and a forward pass with cleanLoss; under LETS with secant curvature 2',
    state: "none of its own: the base's momentum",
  },
  options: z.strictObject({
    rho: radius(
      0.3,
      'Perturbation radius (0.3: the official SGD class; its README uses 3 for CIFAR, its AdamW class 1)',
    ),
    cleanLoss: z
      .boolean()
      .default(true)
      .describe(
        'Reports the loss at the weights, at the cost of one forward pass; false: the loss at the offset, at no cost. Default ours.',
      ),
  }),
  create: msamVariant,
});

export const msam = variantFactory(msamPlugin);
