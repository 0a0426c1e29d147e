import { definePlugin, radius, variantFactory } from '@flatmin/core/plugin';
import * as z from 'zod';
import { fisherSamVariant } from './fisherSam.js';

export const fisherSamPlugin = definePlugin({
  kind: 'variant',
  id: 'fisher-sam',
  apiVersion: 1,
  description: 'Fisher SAM: the ball is measured by the Fisher information, so that sensitive weights move less.',
  about: {
    paper:
      'Kim, Li, Hu, Hospedales, "Fisher SAM: Information Geometry and Sharpness Aware Minimisation", ICML 2022, arXiv 2206.04920',
    direction: 'F^-1 g / sqrt(g^T F^-1 g), F = diag(1 + eta g^2)',
    finalGradient: 'gp',
    evaluations: '2',
    state: 'none',
  },
  options: z.strictObject({
    rho: radius(0.1, 'Perturbation radius in the Fisher metric (gamma in the paper)'),
    eta: z.number().min(0).default(1).describe('Weight of the squared gradient in F = 1 + eta g^2; 0 is SAM.'),
  }),
  create: fisherSamVariant,
});

export const fisherSam = variantFactory(fisherSamPlugin);
