import { definePlugin, radius, variantFactory } from '@flatmin/core/plugin';
import * as z from 'zod';
import { wsamVariant } from './wsam.js';

export const wsamPlugin = definePlugin({
  kind: 'variant',
  id: 'wsam',
  apiVersion: 1,
  description: 'Weighted SAM: sharpness as a regularization term with its own weight.',
  about: {
    paper:
      'Yue, Jiang, Ye, Gao, Liu, Zhang, "Sharpness-Aware Minimization Revisited: Weighted Sharpness as a Regularization Term", KDD 2023, arXiv 2305.15817',
    direction: 'g / ||g||',
    finalGradient: 'g, then theta <- theta - lr a (gp - g), a = gamma / (1 - gamma); coupled: a gp + (1 - a) g',
    evaluations: '2',
    state: 'none',
  },
  options: z.strictObject({
    rho: radius(0.05),
    gamma: z
      .number()
      .min(0)
      .lt(1)
      .default(0.88)
      .describe('Weight of sharpness: the loss plus gamma / (1 - gamma) of it. 0 is the base, 0.5 SAM.'),
    decouple: z
      .boolean()
      .default(true)
      .describe(
        'Applies the sharpness term separately, at the learning rate of the base; false passes it to the base.',
      ),
  }),
  create: wsamVariant,
});

export const wsam = variantFactory(wsamPlugin);
