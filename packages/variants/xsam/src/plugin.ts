import { definePlugin, variantFactory } from '@flatmin/core/plugin';
import * as z from 'zod';
import { xsamVariant } from './xsam.js';

const positive = z.number().gt(0);

export const xsamPlugin = definePlugin({
  kind: 'variant',
  id: 'xsam',
  apiVersion: 1,
  description:
    'XSAM: turns from the ascent to the perturbed gradient and beyond it, towards where the loss is largest.',
  about: {
    paper:
      'Chen, Zhou, "Revisiting Sharpness-Aware Minimization: A More Faithful and Effective Implementation", ICLR 2026, arXiv 2603.10048',
    direction: 'that of SAM with ascentSteps; rho is the length of all ascents together',
    finalGradient:
      '||gp|| (sin((1 - alpha) a) v0 + sin(alpha a) v1) / sin(a), a the angle from v0 = epsilon / ||epsilon|| to v1 = gp / ||gp||',
    evaluations: 'ascentSteps + 1; and alphaMax / alphaDelta + 1 forward passes, once in searchEvery steps',
    state: 'none; with searchEvery alpha, a scalar',
  },
  options: z.strictObject({
    rho: z
      .number()
      .min(0)
      .default(0.15)
      .describe(
        'Total length of all ascents: a number, without a schedule, which LETS cannot learn. 0.15: the official script.',
      ),
    ascentSteps: z
      .number()
      .int()
      .min(1)
      .default(1)
      .describe('Ascents, each of length rho / ascentSteps; each costs one gradient. 1: the official script.'),
    alpha: z
      .number()
      .min(0)
      .default(1)
      .describe(
        'How far to turn: 0 is the ascent, 1 the gradient there (SAM), more is beyond; until the first search. 1: the official script.',
      ),
    searchEvery: z
      .number()
      .int()
      .min(1)
      .optional()
      .describe(
        'On steps whose index is a multiple of it, alpha is searched for; the official code does so once an epoch. Absent: never.',
      ),
    rhoMax: positive.default(0.3).describe('How far from the weights the search looks. 0.3: the official script.'),
    alphaMax: positive.default(2).describe('The largest alpha that is tried. 2: the official script.'),
    alphaDelta: positive
      .default(0.1)
      .describe('The distance between the alphas that are tried; the first is 0. 0.1: the official script.'),
  }),
  create: xsamVariant,
});

export const xsam = variantFactory(xsamPlugin);
