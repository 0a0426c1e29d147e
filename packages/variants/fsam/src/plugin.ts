import { definePlugin, radius, variantFactory } from '@flatmin/core/plugin';
import * as z from 'zod';
import { fsamVariant } from './fsam.js';

export const fsamPlugin = definePlugin({
  kind: 'variant',
  id: 'fsam',
  apiVersion: 1,
  description: 'Friendly SAM: perturbs along the noise of the batch, which is the gradient minus its moving average.',
  about: {
    paper: 'Li, Zhou, He, Cheng, Huang, "Friendly Sharpness-Aware Minimization", CVPR 2024, arXiv 2403.12350',
    direction: '(g - sigma m) / ||g - sigma m||, m the average before this step',
    finalGradient: 'gp',
    evaluations: '2',
    state: 'm: one copy of the weights',
  },
  options: z.strictObject({
    rho: radius(0.05),
    sigma: z.number().min(0).default(1).describe('How much of the averaged gradient is subtracted; 0 is SAM.'),
    lambda: z.number().min(0).lt(1).default(0.9).describe('Decay of the average of gradients.'),
  }),
  create: (settings) => fsamVariant(settings),
});

export const fsam = variantFactory(fsamPlugin);
