import { definePlugin, metaFactory } from '@flatmin/core/plugin';
import * as z from 'zod';
import { lookSamVariant } from './lookSam.js';

export const lookSamPlugin = definePlugin({
  kind: 'meta',
  id: 'looksam',
  apiVersion: 1,
  description: 'LookSAM: perturbs every k-th step and reuses in between what the perturbation added to the gradient.',
  about: {
    paper:
      'Liu, Mai, Chen, Hsieh, You, "Towards Efficient and Scalable Sharpness-Aware Minimization", CVPR 2022, arXiv 2203.02714',
    direction: "the inner variant's, every k-th step",
    finalGradient: 'gp every k-th step, which stores gv = gp - <g, gp> / ||g||^2 g; else g + alpha ||g|| / ||gv|| gv',
    evaluations: '1 + 1 / k (over SAM)',
    state: "gv, and the inner variant's",
  },
  options: z.strictObject({
    k: z
      .number()
      .int()
      .min(1)
      .default(10)
      .describe(
        'The inner variant takes the steps whose index is a multiple of k. 10: the unofficial implementations.',
      ),
    alpha: z
      .number()
      .min(0)
      .default(0.7)
      .describe('Length of the reused component, in units of the gradient. 0.7: the unofficial implementations.'),
    layerwise: z
      .boolean()
      .default(false)
      .describe('Takes the component tensor by tensor, as some ports do, rather than over all weights (the formula).'),
  }),
  create: (settings, { inner }) => lookSamVariant(inner, settings),
});

export const looksam = metaFactory(lookSamPlugin);
