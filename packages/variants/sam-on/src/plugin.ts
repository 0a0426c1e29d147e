import { definePlugin, radius, variantFactory } from '@flatmin/core/plugin';
import * as z from 'zod';
import { samOnVariant } from './samOn.js';

export const samOnPlugin = definePlugin({
  kind: 'variant',
  id: 'sam-on',
  apiVersion: 1,
  description: 'SAM-ON: perturbs only the parameters of normalization layers.',
  about: {
    paper:
      'Mueller, Vlaar, Rolnick, Hein, "Normalization Layers Are All That Sharpness-Aware Minimization Needs", NeurIPS 2023, arXiv 2306.04226',
    direction: 'P g / ||P g||, P keeps the normalization parameters; sign(P g) at p infinity',
    finalGradient: 'gp, of all weights',
    evaluations: '2',
    state: 'none',
  },
  options: z.strictObject({
    rho: radius(0.5, 'Perturbation radius, over the perturbed parameters only'),
    p: z
      .union([z.literal(2), z.literal('infinity')])
      .default(2)
      .describe('The norm that bounds the perturbation: 2, or infinity, which moves each perturbed number by rho.'),
    complement: z
      .boolean()
      .default(false)
      .describe('Perturbs all parameters except those of normalization (no_norm in the official code).'),
  }),
  example: { dataset: { use: 'digits', shape: 'image' }, model: { use: 'resnet', width: 0.25 } },
  create: samOnVariant,
});

export const samOn = variantFactory(samOnPlugin);
