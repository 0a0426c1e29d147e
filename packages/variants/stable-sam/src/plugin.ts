import { definePlugin, type MetaContext, metaFactory } from '@flatmin/core/plugin';
import * as z from 'zod';
import { stableSamVariant } from './stableSam.js';

export const stableSamPlugin = definePlugin({
  kind: 'meta',
  id: 'stable-sam',
  apiVersion: 1,
  description: 'Stable SAM: any variant, with its final gradient scaled to the length of the clean one.',
  about: {
    paper:
      'Tan et al., "Stabilizing Sharpness-aware Minimization Through A Simple Renormalization Strategy", JMLR 2025, arXiv 2401.07250',
    direction: 'that of the variant inside',
    finalGradient: 'that of the variant inside, times ||g|| / its length',
    evaluations: 'those of the variant inside',
    state: 'that of the variant inside',
  },
  options: z.strictObject({}),
  create: (_, { inner }: MetaContext) => stableSamVariant(inner),
});

export const stableSam = metaFactory(stableSamPlugin);
