import { definePlugin, radius, variantFactory } from '@flatmin/core/plugin';
import * as z from 'zod';
import { usamVariant } from './usam.js';

export const usamPlugin = definePlugin({
  kind: 'variant',
  id: 'usam',
  apiVersion: 1,
  description: 'Unnormalized SAM: the perturbation is proportional to the gradient.',
  about: {
    paper:
      'Andriushchenko, Flammarion, "Towards Understanding Sharpness-Aware Minimization", ICML 2022, arXiv 2206.06232',
    direction: 'g',
    finalGradient: 'gp',
    evaluations: '2',
    state: 'none',
  },
  options: z.strictObject({ rho: radius(0.05, 'Step size of the ascent: the perturbation is rho times the gradient') }),
  create: usamVariant,
});

export const usam = variantFactory(usamPlugin);
