import { definePlugin, radius, variantFactory } from '@flatmin/core/plugin';
import * as z from 'zod';
import { bsamVariant } from './bsam.js';

const decay = (value: number, what: string) => z.number().min(0).lt(1).default(value).describe(what);

export const bsamPlugin = definePlugin({
  kind: 'variant',
  id: 'bsam',
  apiVersion: 1,
  description:
    'Bayesian SAM: an Adam-like optimizer that learns a Gaussian posterior over the weights, and perturbs according to it.',
  about: {
    paper: 'Moellenhoff, Khan, "SAM as an Optimal Relaxation of Bayes", ICLR 2023, arXiv 2210.01620',
    direction: 'g / s, g = grad L(theta + n / sqrt(N s)), n standard normal',
    finalGradient:
      'none: theta -= lr gm / s, gm = beta1 gm + (1 - beta1) (gp + delta theta), delta = priorPrecision / N',
    evaluations: '2',
    state: 'gm and s, of the size of the weights each',
  },
  options: z.strictObject({
    N: z.number().positive().describe('Number of training examples; a larger number means less noise. Required.'),
    rho: radius(0.1, 'Perturbation radius, in units of g / s (0.1: the official script; 0.01 in its README)'),
    beta1: decay(0.9, 'Decay of the momentum. 0.9: the official script.'),
    beta2: decay(0.999, 'Decay of s. 0.999: the official script.'),
    priorPrecision: z
      .number()
      .min(0)
      .default(25)
      .describe('Precision of the prior: N times the weight decay. 25: the official script; 40 in its README.'),
    damping: z.number().min(0).default(0.1).describe('Added to what s averages. 0.1: the official script.'),
    sInit: z.number().positive().default(1).describe('Initial value of s. 1: the official script.'),
  }),
  example: { options: { N: 1167 }, base: { use: 'sgd', learningRate: 0.5 } },
  create: bsamVariant,
});

export const bsam = variantFactory(bsamPlugin);
