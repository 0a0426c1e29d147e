import { definePlugin, radius, variantFactory } from '@flatmin/core/plugin';
import * as z from 'zod';
import { lightSamVariant } from './lightSam.js';

export const lightSamPlugin = definePlugin({
  kind: 'variant',
  id: 'lightsam',
  apiVersion: 1,
  description: 'LightSAM: SAM whose radius and learning rate adapt to the gradients seen, as in AdaGrad-Norm.',
  about: {
    paper: 'Cheng, Shen, Sun, Yin, Cao, Chen, LightSAM, arXiv 2505.24399',
    direction: 'g / sqrt(u), u the sum of ||g||^2 so far and epsilon^2',
    finalGradient: 'gp / sqrt(v), v the sum of ||gp||^2 so far and epsilon^2',
    evaluations: '2',
    state: 'two scalars, u and v',
  },
  options: z.strictObject({
    rho: radius(0.05, 'Upper bound of the length of the offset, which shrinks as u grows (0.05: ours)'),
    epsilon: z
      .number()
      .min(1e-15)
      .default(1e-8)
      .describe('u and v begin at its square; a larger value makes the first steps smaller. 1e-8: ours.'),
  }),
  create: lightSamVariant,
});

export const lightsam = variantFactory(lightSamPlugin);
