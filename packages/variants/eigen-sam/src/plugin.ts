import { definePlugin, radius, variantFactory } from '@flatmin/core/plugin';
import * as z from 'zod';
import { eigenSamVariant } from './eigenSam.js';

export const eigenSamPlugin = definePlugin({
  kind: 'variant',
  id: 'eigen-sam',
  apiVersion: 1,
  description: 'Eigen-SAM: turns the offset of SAM towards the top eigenvector of the Hessian.',
  about: {
    paper:
      'Luo, Truong, Pham, Harandi, Phung, Le, "Explicit Eigenvalue Regularization Improves Sharpness-Aware Minimization", NeurIPS 2024, arXiv 2501.12666',
    direction: 'd / ||d||, d = u + alpha sign(<u, v>) (v - <u, v> u), u = g / ||g||, v the top eigenvector',
    finalGradient: 'gp',
    evaluations: '2; 2 iterations more in every refreshEvery-th step',
    state: 'v, one copy of the weights, and its age',
  },
  options: z.strictObject({
    rho: radius(0.1, 'Perturbation radius (0.1: the example of the official README)'),
    alpha: z
      .number()
      .min(0)
      .default(0.2)
      .describe('How much of v is added; 0 is SAM. 0.2: the example of the official README.'),
    refreshEvery: z
      .number()
      .int()
      .min(1)
      .default(100)
      .describe('Perturbing steps for which an estimate of v is used. 100: the example of the official README.'),
    iterations: z
      .number()
      .int()
      .min(1)
      .default(5)
      .describe('Power iterations of an estimate, two gradients each. 5: the official code.'),
  }),
  create: eigenSamVariant,
});

export const eigenSam = variantFactory(eigenSamPlugin);
