import { definePlugin, radius, variantFactory } from '@flatmin/core/plugin';
import * as z from 'zod';
import { vassoVariant } from './vasso.js';

export const vassoPlugin = definePlugin({
  kind: 'variant',
  id: 'vasso',
  apiVersion: 1,
  description: 'Variance-Suppressed Sharpness-aware Optimization: perturbs along a moving average of gradients.',
  about: {
    paper:
      'Li, Giannakis, "Enhancing Sharpness-Aware Optimization Through Variance Suppression", NeurIPS 2023, arXiv 2309.15639',
    direction: 'd / ||d||, d <- (1 - theta) d + theta g',
    finalGradient: 'gp',
    evaluations: '2',
    state: 'd: one copy of the weights',
  },
  options: z.strictObject({
    rho: radius(0.05),
    theta: z
      .number()
      .gt(0)
      .max(1)
      .default(0.9)
      .describe('Weight of the newest gradient in the average; smaller smooths more, 1 is SAM.'),
  }),
  create: (settings) => vassoVariant(settings),
});

export const vasso = variantFactory(vassoPlugin);
