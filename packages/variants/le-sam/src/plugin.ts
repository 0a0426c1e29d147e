import { definePlugin, scheduleSchema, variantFactory } from '@flatmin/core/plugin';
import * as z from 'zod';
import { leSamVariant } from './leSam.js';

export const leSamPlugin = definePlugin({
  kind: 'variant',
  id: 'le-sam',
  apiVersion: 1,
  description: 'LE-SAM: fixes how much the loss rises in the ascent, and derives the radius from it.',
  about: {
    paper: 'Wang, Liu, Xie, Gao, "Fix the Loss, Not the Radius", ICML 2026, arXiv 2605.10183',
    direction: 'sigma replaces rho: g / (||g|| (||g|| + c)) below the cap rhoMax; constant, rhoMax g / ||g||, at it',
    finalGradient: 'gp',
    evaluations: '2',
    state: 'none',
  },
  radiusOption: 'sigma',
  options: z.strictObject({
    sigma: scheduleSchema.describe(
      'How much the ascent raises the loss, to first order, or a schedule of it; in the paper it falls to 0.',
    ),
    rhoMax: z.number().positive().describe('Largest radius, reached where the gradient is small.'),
    epsilon: z.number().positive().default(1e-12).describe('c: added to the gradient norm that divides sigma.'),
  }),
  example: { options: { sigma: 0.05, rhoMax: 0.5 } },
  create: leSamVariant,
});

export const leSam = variantFactory(leSamPlugin);
