import { definePlugin, radius, variantFactory } from '@flatmin/core/plugin';
import * as z from 'zod';
import { gsamVariant } from './gsam.js';

export const gsamPlugin = definePlugin({
  kind: 'variant',
  id: 'gsam',
  apiVersion: 1,
  description: 'Surrogate Gap Guided SAM: lowers the perturbed loss and the gap between it and the loss.',
  about: {
    paper:
      'Zhuang, Gong, Yuan, Cui, Adam, Dvornek, Tatikonda, Duncan, Liu, "Surrogate Gap Minimization Improves Sharpness-Aware Training", ICLR 2022, arXiv 2203.08065',
    direction: 'g / ||g||',
    finalGradient: 'gp - alpha (g - <g, u> u), u = gp / ||gp||',
    evaluations: '2',
    state: 'none',
  },
  options: z.strictObject({
    rho: radius(0.05, "Perturbation radius (the paper's follows the learning rate: { schedule: 'proportional', ... })"),
    alpha: z
      .number()
      .min(0)
      .default(0.4)
      .describe('How much of the clean gradient orthogonal to the perturbed one is subtracted; 0 is SAM.'),
  }),
  create: gsamVariant,
});

export const gsam = variantFactory(gsamPlugin);
