import { definePlugin, radius, variantFactory } from '@flatmin/core/plugin';
import * as z from 'zod';
import { zsharpVariant } from './zsharp.js';

export const zsharpPlugin = definePlugin({
  kind: 'variant',
  id: 'zsharp',
  apiVersion: 1,
  description: 'ZSharp: SAM that perturbs matrices only along the entries of the gradient that stand out in them.',
  about: {
    paper:
      'Yun, "Sharpness-Aware Minimization with Z-Score Gradient Filtering", NeurIPS 2025 OPT workshop, arXiv 2505.02369',
    direction: 'f / ||f|| per tensor, f the entries of g with |z| above its percentile; g / ||g|| for rank < 2',
    finalGradient: 'gp',
    evaluations: '2',
    state: 'none',
  },
  options: z.strictObject({
    rho: radius(
      0.05,
      'Perturbation radius: the length of the ascent in each tensor of rank >= 2 (0.05: the official class)',
    ),
    percentile: z
      .number()
      .min(0)
      .max(100)
      .default(95)
      .describe(
        'Entries of a tensor of rank >= 2 whose |z| is above this percentile are kept. 95: the official script.',
      ),
    normalization: z
      .enum(['tensor', 'global'])
      .default('tensor')
      .describe(
        "What is scaled to the length rho: each filtered tensor ('tensor', the official code) or all together ('global', the paper's formula).",
      ),
  }),
  create: zsharpVariant,
});

export const zsharp = variantFactory(zsharpPlugin);
