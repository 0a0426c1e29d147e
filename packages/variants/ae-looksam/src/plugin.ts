import { definePlugin, metaFactory } from '@flatmin/core/plugin';
import * as z from 'zod';
import { aeLookSamVariant } from './aeLookSam.js';

export const aeLookSamPlugin = definePlugin({
  kind: 'meta',
  id: 'ae-looksam',
  apiVersion: 1,
  description: "AE-LookSAM: AE-SAM that reuses LookSAM's component on the steps on which it does not perturb.",
  about: {
    paper:
      'Jiang, Yang, Zhang, Kwok, "An Adaptive Policy to Employ Sharpness-Aware Minimization", ICLR 2023, arXiv 2304.14647',
    direction: "the inner variant's, where ||g||^2 >= mu + c_t sqrt(var)",
    finalGradient: 'gp where ||g||^2 >= mu + c_t sqrt(var), which stores gv; else g + alpha ||g|| / ||gv|| gv',
    evaluations: '1 + the fraction of sharp steps (over SAM)',
    state: "mu and var, gv, and the inner variant's",
  },
  requires: ['looksam', 'ae-sam'],
  readsBack: 'whether a step is sharp decides what is computed next: one scalar a step',
  // Ranges and defaults are those of the two parts, which check them.
  options: z.strictObject({
    alpha: z
      .number()
      .optional()
      .describe("Length of the reused component, in units of the gradient. Default looksam's."),
    layerwise: z.boolean().optional().describe("Takes the component tensor by tensor. Default looksam's."),
    delta: z.number().optional().describe("Decay of the moving mean and variance. Default ae-sam's."),
    lambda1: z.number().optional().describe("c_t at the end of training. Default ae-sam's."),
    lambda2: z.number().optional().describe("c_t at the start of training. Default ae-sam's."),
    mu0: z.number().optional().describe("The moving mean before the first step. Default ae-sam's."),
    var0: z.number().optional().describe("The moving variance before the first step. Default ae-sam's."),
    totalSteps: z.number().optional().describe('T, the steps of the run; default: that of the context.'),
  }),
  create: (settings, { inner, wrap }) => aeLookSamVariant(inner, settings, wrap),
});

export const aeLookSam = metaFactory(aeLookSamPlugin);
