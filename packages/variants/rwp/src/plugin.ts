import { definePlugin, radius, variantFactory } from '@flatmin/core/plugin';
import * as z from 'zod';
import { rwpVariant } from './rwp.js';

export const rwpPlugin = definePlugin({
  kind: 'variant',
  id: 'rwp',
  apiVersion: 1,
  description:
    'Random weight perturbation: perturbs by Gaussian noise as large as the filters (RWP, ARWP, m-RWP, m-ARWP).',
  about: {
    paper:
      'Li, Tao, Yan, Lei, Wu, Fang, He, Huang, "Revisiting Random Weight Perturbation for Efficiently Improving Generalization", TMLR 2024, arXiv 2404.00357',
    direction: 'n ||filter|| / sqrt(1 + eta F), n standard normal, F <- beta F + the squared gradient of the filter',
    finalGradient: 'gp; with lambda below 1 (1 - lambda) g + lambda gp',
    evaluations: '1, and a forward pass with cleanLoss; 2 with lambda below 1; under LETS with secant curvature 2',
    state: 'none; with eta F, one number for each filter',
  },
  radiusOption: 'sigma',
  options: z.strictObject({
    sigma: radius(
      0.01,
      'Standard deviation of the noise, in units of the length of the filter (0.01: the official script)',
    ),
    lambda: z
      .number()
      .gt(0)
      .max(1)
      .default(1)
      .describe(
        'Weight of the gradient at the noisy point; below 1, the clean gradient gets the rest (m-RWP; official: 0.5). 1 is plain RWP, with one gradient.',
      ),
    eta: z
      .number()
      .min(0)
      .default(0)
      .describe('How much F damps the noise (ARWP; official: 0.1 in its scripts, 1 in its code). 0 is RWP.'),
    beta: z.number().min(0).max(1).default(0.99).describe('Decay of F. 0.99: the official scripts; 0.9 in their code.'),
    cleanLoss: z
      .boolean()
      .default(true)
      .describe('With lambda 1: takes a forward pass at the weights for loss, metrics and statistics (ours).'),
  }),
  create: rwpVariant,
});

export const rwp = variantFactory(rwpPlugin);
