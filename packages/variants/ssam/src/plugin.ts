import { definePlugin, radius, variantFactory } from '@flatmin/core/plugin';
import * as z from 'zod';
import { ssamVariant } from './ssam.js';

export const ssamPlugin = definePlugin({
  kind: 'variant',
  id: 'ssam',
  apiVersion: 1,
  description:
    'Sparse SAM: perturbs only the weights that matter to the loss, by a mask that is renewed from time to time.',
  about: {
    paper:
      'Mi, Shen, Ren, Zhou, Sun, Ji, Tao, "Make Sharpness-Aware Minimization Stronger: A Sparsified Perturbation Approach", NeurIPS 2022, arXiv 2210.05177',
    direction: 'M g / ||g||, M a mask of 0 and 1',
    finalGradient: 'gp',
    evaluations: '2; fisherSamples more on steps that renew the mask',
    state: 'the mask and its age',
  },
  options: z.strictObject({
    rho: radius(
      0.05,
      'Perturbation radius: the largest length of the offset (0.05: the official code; 0.1 in its README)',
    ),
    mask: z
      .union([z.enum(['fisher', 'dynamic']), z.array(z.array(z.union([z.literal(0), z.literal(1)])))])
      .default('fisher')
      .describe(
        'SSAM-F, SSAM-D, or a fixed mask: one flat array of 0 and 1 per parameter, in the order of the variables. Default ours.',
      ),
    sparsity: z
      .number()
      .min(0)
      .max(1)
      .default(0.2)
      .describe('Share of the weights that are not perturbed. 0.2: the official code; 0.5 in its README.'),
    refreshEvery: z
      .number()
      .int()
      .min(1)
      .default(100)
      .describe(
        'Number of perturbing steps for which a mask is used. Default ours; the official code counts epochs: 5, 1 in its README.',
      ),
    fisherSamples: z
      .number()
      .int()
      .min(0)
      .default(0)
      .describe(
        'Examples of the batch whose squared gradients SSAM-F adds up, one gradient each; needs a loss with batch access. 0 (ours) squares ' +
          'the gradient of the batch, at no cost. The official code: 1024, 16 in its README.',
      ),
    dropRate: z
      .number()
      .min(0)
      .max(1)
      .default(0.5)
      .describe(
        'Share of the mask that SSAM-D exchanges, falling to 0 as a cosine if totalSteps is known; no more than there are weights ' +
          'outside the mask. 0.5: the official code.',
      ),
  }),
  create: ssamVariant,
});

export const ssam = variantFactory(ssamPlugin);
