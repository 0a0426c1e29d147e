import { definePlugin, radius, variantFactory } from '@flatmin/core/plugin';
import * as z from 'zod';
import { esamVariant } from './esam.js';

const share = z.number().gt(0).max(1).default(1);

export const esamPlugin = definePlugin({
  kind: 'variant',
  id: 'esam',
  apiVersion: 1,
  description: 'Efficient SAM: perturbs some of the tensors, and descends on the examples that this hurts most.',
  about: {
    paper:
      'Du, Yan, Feng, Zhou, Zhen, Goh, Tan, "Efficient Sharpness-aware Minimization for Improved Training of Neural Networks", ICLR 2022, arXiv 2110.03141',
    direction: 'm g / (beta ||m g||), m keeps each tensor with probability beta',
    finalGradient: 'gp of the ceil(gamma B) examples with the largest loss increase',
    evaluations: '2, the first over the kept tensors only, the second on gamma B examples; and a forward pass',
    state: 'none',
  },
  options: z.strictObject({
    rho: radius(0.05, 'Perturbation radius: the length of the ascent step is rho / beta (0.05: the official class)'),
    beta: share.describe('Probability that a tensor is perturbed. 1 (the official class) perturbs all.'),
    gamma: share.describe(
      'Share of the examples in the second gradient, those with the largest loss increase; below 1 it needs a loss with batch access. 1 (the official class) takes all.',
    ),
  }),
  create: esamVariant,
});

export const esam = variantFactory(esamPlugin);
