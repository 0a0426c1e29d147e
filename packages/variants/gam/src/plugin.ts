import { definePlugin, radius, variantFactory } from '@flatmin/core/plugin';
import * as z from 'zod';
import { gamVariant } from './gam.js';

const weight = (value: number, what: string) => z.number().default(value).describe(what);

export const gamPlugin = definePlugin({
  kind: 'variant',
  id: 'gam',
  apiVersion: 1,
  description: 'Gradient norm Aware Minimization: also descends on the largest gradient norm around the weights.',
  about: {
    paper:
      'Zhang, Xu, Yu, Zou, Cui, "Gradient Norm Aware Minimization Seeks First-Order Flatness and Improves Generalization", CVPR 2023, arXiv 2303.03108',
    direction: "h / ||h||, h = grad L(theta + rho' g / ||g||) - g, rho' = gradRho; then a further ascent by rho'",
    finalGradient: 'q - gamma (p - proj_q p), q = beta1 g1 + beta3 g3, p = g0 + |beta2| g2',
    evaluations: '4',
    state: 'none',
  },
  radiusOption: 'gradNormRho',
  options: z.strictObject({
    gradNormRho: radius(0.2, 'rho: the radius in which it looks for a larger gradient norm (0.2: the official code)'),
    gradRho: z
      .number()
      .min(0)
      .default(0.02)
      .describe("rho': the length of the ascents along the gradient, like SAM's rho. 0.02: the official code."),
    beta1: weight(0.6, 'Weight of g1, the gradient one ascent away. 0.6: the official script, CIFAR-100 and ResNet.'),
    beta2: weight(0.5, 'Weight of g2; its absolute value is used. 0.5: the official script, as 1 - its beta0.'),
    beta3: weight(0.4, 'Weight of g3. 0.4: the official script, 1 - beta1.'),
    gamma: weight(0.03, 'How much of the part of p orthogonal to q is subtracted. 0.03: the official code.'),
  }),
  create: gamVariant,
});

export const gam = variantFactory(gamPlugin);
