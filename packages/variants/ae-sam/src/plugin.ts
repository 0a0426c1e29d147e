import { FlatminError } from '@flatmin/core';
import { definePlugin, metaFactory } from '@flatmin/core/plugin';
import * as z from 'zod';
import { aeSamVariant } from './aeSam.js';

export const aeSamPlugin = definePlugin({
  kind: 'meta',
  id: 'ae-sam',
  apiVersion: 1,
  description:
    'AE-SAM: perturbs only where the squared gradient norm is large compared with its moving mean and deviation.',
  about: {
    paper:
      'Jiang, Yang, Zhang, Kwok, "An Adaptive Policy to Employ Sharpness-Aware Minimization", ICLR 2023, arXiv 2304.14647',
    direction: "the inner variant's, where ||g||^2 >= mu + c_t sqrt(var)",
    finalGradient: 'gp where ||g||^2 >= mu + c_t sqrt(var), else g',
    evaluations: '1 + the fraction of sharp steps (over SAM)',
    state: "mu and var, two scalars, and the inner variant's",
  },
  readsBack: 'whether a step is sharp decides what is computed next: one scalar a step',
  options: z.strictObject({
    delta: z.number().min(0).lt(1).default(0.9).describe('Decay of the moving mean and variance. Default ours.'),
    lambda1: z
      .number()
      .default(-1)
      .describe('c_t at the end of training; a lower value lets more steps perturb. Default ours.'),
    lambda2: z.number().default(1).describe('c_t at the start of training. Default ours.'),
    mu0: z.number().min(0).default(0).describe('The moving mean before the first step. Default ours.'),
    var0: z
      .number()
      .min(0)
      .default(Math.exp(-10))
      .describe('The moving variance before the first step. Default exp(-10), ours.'),
    totalSteps: z
      .number()
      .int()
      .min(1)
      .optional()
      .describe('T, the steps of the run, over which c_t goes from lambda2 to lambda1; default: that of the context.'),
  }),
  create: ({ totalSteps, ...settings }, { inner, totalSteps: ofContext }) => {
    const T = totalSteps ?? ofContext;
    if (T === undefined) {
      throw new FlatminError(
        'TOTAL_STEPS_MISSING',
        'ae-sam needs the number of steps, over which its threshold moves. Give it totalSteps, or totalSteps in the context of createOptimizer.',
      );
    }
    return aeSamVariant(inner, { ...settings, totalSteps: T });
  },
});

export const aeSam = metaFactory(aeSamPlugin);
