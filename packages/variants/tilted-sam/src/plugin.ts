import { definePlugin, radius, variantFactory } from '@flatmin/core/plugin';
import * as z from 'zod';
import { tiltedSamVariant } from './tiltedSam.js';

export const tiltedSamPlugin = definePlugin({
  kind: 'variant',
  id: 'tilted-sam',
  apiVersion: 1,
  description:
    'Tilted SAM: averages the gradients of several perturbed points, giving more weight to those of larger loss.',
  about: {
    paper: 'Li, Zhou, Bilmes, "Tilted Sharpness-Aware Minimization", ICML 2025, arXiv 2410.22656',
    direction: 'g_i / ||g_i||, g_i = grad L(theta + u_i), u_i noise; for each sample i',
    finalGradient: 'sum of w_i gp_i, w_i = exp(t L_i) / sum of exp(t L_j), L_i the loss of gp_i',
    evaluations: '2 samples, and a forward pass',
    state: 'none',
  },
  options: z.strictObject({
    rho: radius(0.05, 'Length of the ascent from each noisy point (0.05: the official script)'),
    tilt: z
      .number()
      .min(0)
      .default(1)
      .describe(
        't: 0 weights all samples equally; with a large value the sample of largest loss dominates. 1: the official script.',
      ),
    samples: z
      .number()
      .int()
      .min(1)
      .default(3)
      .describe('Perturbed points, two gradients each. 3: the official script.'),
    noise: z
      .number()
      .min(0)
      .default(1)
      .describe(
        'Largest length of the noise that a sample starts from, over all weights; 0 is SAM. 1: the official script.',
      ),
  }),
  create: tiltedSamVariant,
});

export const tiltedSam = variantFactory(tiltedSamPlugin);
