import { definePlugin, radius, variantFactory } from '@flatmin/core/plugin';
import * as z from 'zod';
import { crSamVariant } from './crSam.js';

const coefficient = z.number().min(0).default(0.1);

export const crSamPlugin = definePlugin({
  kind: 'variant',
  id: 'cr-sam',
  apiVersion: 1,
  description: 'Curvature Regularized SAM: SAM with a curvature term, from gradients on both sides of the weights.',
  about: {
    paper: 'Wu, Luo, Wunsch, "CR-SAM: Curvature Regularized Sharpness-Aware Minimization", AAAI 2024, arXiv 2312.13555',
    direction: 'g / ||g||, and -g / ||g|| for gm',
    finalGradient: 'gp + gamma (gp + gm - 2 g) + beta (gp - gm)',
    evaluations: '3',
    state: 'none',
  },
  options: z.strictObject({
    rho: radius(0.1, 'Perturbation radius: the length of the ascent, both ways (0.1: the official class)'),
    gamma: coefficient.describe('Weight of the curvature term gp + gm - 2 g. 0.1: the official class.'),
    beta: coefficient.describe(
      'Weight of the slope term gp - gm. 0.1: the official class, 0.01: its script. gamma = beta = 0 is SAM.',
    ),
  }),
  create: crSamVariant,
});

export const crSam = variantFactory(crSamPlugin);
