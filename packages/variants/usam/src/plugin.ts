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
      'Andriushchenko, Flammarion, "Towards Understanding Sharpness-Aware Minimization", ICML 2022, arXiv 2206.06232; lambda: Oikonomou, Loizou, "Sharpness-Aware Minimization: General Analysis and Improved Rates", ICLR 2025, arXiv 2503.02225',
    direction: 'g; with lambda (1 - lambda + lambda / ||g||) g',
    finalGradient: 'gp',
    evaluations: '2',
    state: 'none',
  },
  options: z.strictObject({
    rho: radius(0.05, 'Step size of the ascent: the perturbation is rho times the gradient'),
    lambda: z
      .union([z.number().min(0).max(1), z.literal('1/t'), z.literal('1-1/t')])
      .optional()
      .describe(
        "Unified SAM: the perturbation is rho (1 - lambda + lambda / ||g||) g. 0 is USAM, 1 is SAM; '1/t' goes from SAM to USAM over the steps t = 1, 2, ..., '1-1/t' from USAM to SAM. Absent: USAM.",
      ),
  }),
  create: usamVariant,
});

export const usam = variantFactory(usamPlugin);
