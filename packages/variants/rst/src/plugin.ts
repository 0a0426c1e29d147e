import { FlatminError } from '@flatmin/core';
import { scheduleCaution } from '@flatmin/core/internal';
import { definePlugin, metaFactory, needsTotalSteps, rampSchemas, scheduleError } from '@flatmin/core/plugin';
import * as z from 'zod';
import { rstVariant } from './rst.js';

const probability = z.number().min(0).max(1);
/** Ours: the papers' schedules are not known to us in their own words. */
const defaultP = 0.5;

export const rstPlugin = definePlugin({
  kind: 'meta',
  id: 'rst',
  apiVersion: 1,
  description: 'Randomized Sharpness-aware Training: tosses a coin each step between the variant inside and its base.',
  about: {
    paper:
      'Zhao, Zhang, Hu, "Randomized Sharpness-Aware Training for Boosting Computational Efficiency in Deep Learning" (first "SS-SAM: Stochastic Scheduled SAM"), arXiv 2203.09962',
    direction: "the inner variant's, with probability p",
    finalGradient: '(1 - gamma) g + gamma gp with probability p, else g',
    evaluations: '1 + p (over SAM)',
    state: "the inner variant's",
  },
  options: z
    .strictObject({
      p: z
        .union([probability, z.discriminatedUnion('schedule', [...rampSchemas('p', probability)])], {
          error: scheduleError('expected a probability from 0 to 1, or a schedule of it'),
        })
        .optional()
        .describe('Probability of a step of the inner variant, or a schedule of it. Default 0.5 (ours).'),
      coins: z
        .array(z.union([z.literal(0), z.literal(1)]))
        .min(1)
        .optional()
        .describe('The coins themselves, in place of p: step t perturbs if coins[t mod length] is 1.'),
      gamma: z
        .number()
        .min(0)
        .default(1)
        .describe("G-RST: the step's gradient is (1 - gamma) g + gamma ghat. 1 (RST) is just ghat."),
    })
    .refine(({ p, coins }) => p === undefined || coins === undefined, {
      message: 'coins replace p',
      path: ['coins'],
    }),
  create: ({ p = defaultP, coins, gamma }, { inner, totalSteps, caution }) => {
    if (needsTotalSteps(p) && totalSteps === undefined) {
      throw new FlatminError(
        'TOTAL_STEPS_MISSING',
        'the schedule of p of rst needs the number of steps. Give it steps, or totalSteps in the context of createOptimizer.',
      );
    }
    const silent = totalSteps === undefined ? undefined : scheduleCaution(p, totalSteps, 'p of rst');
    if (silent !== undefined) caution?.(silent);
    return rstVariant(inner, { p, coins, gamma });
  },
});

export const rst = metaFactory(rstPlugin);
