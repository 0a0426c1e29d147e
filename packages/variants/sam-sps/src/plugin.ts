import { definePlugin, radius, variantFactory } from '@flatmin/core/plugin';
import * as z from 'zod';
import { samSpsVariant } from './samSps.js';

export const samSpsPlugin = definePlugin({
  kind: 'variant',
  id: 'sam-sps',
  apiVersion: 1,
  description: 'SAM-SPS: SAM with a Polyak step size, from the perturbed loss and a lower bound on the loss.',
  about: {
    paper:
      'Oikonomou, Loizou, "Adaptive Sharpness-Aware Minimization with a Polyak-type Step Size: A Theory-Grounded Scheduler", 2026, arXiv 2606.01827',
    direction: '(1 - lambda + lambda / ||g||) g',
    finalGradient:
      'stepSize gp, stepSize = min([L(theta + epsilon) - lowerBound - <gp, epsilon>]_+ / ||gp||^2, gammaMax)',
    evaluations: '2',
    state: 'none',
  },
  options: z.strictObject({
    rho: radius(0.1, 'Size of the ascent: its length with lambda 1 (0.1: the official class)'),
    lambda: z
      .number()
      .min(0)
      .max(1)
      .default(1)
      .describe(
        'The perturbation is rho (1 - lambda + lambda / ||g||) g: 1 (the official class) is that of SAM, 0 of USAM.',
      ),
    lowerBound: z.number().default(0).describe('Lower bound on the loss of a batch. 0: the official class (f_star).'),
    gammaMax: z.number().gt(0).default(1).describe('The largest step size. 1: the official class (gamma_b).'),
  }),
  create: samSpsVariant,
});

export const samSps = variantFactory(samSpsPlugin);
