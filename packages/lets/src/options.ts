import { rampSchemas, scheduleError } from '@flatmin/core/plugin';
import * as z from 'zod';

const decay = (what: string) => z.number().min(0).lt(1).describe(what);

const rate = z.number().positive();

const upper = z
  .strictObject({
    use: z.enum(['sgd', 'adam']).default('adam').describe('The optimizer of rho.'),
    learningRate: z
      .union([rate, z.discriminatedUnion('schedule', [...rampSchemas('learningRate', rate)])], {
        error: scheduleError('expected a number above 0, or a schedule of it'),
      })
      .default(0.02)
      .describe('Its step size, or a schedule of it; ours: 0.02 every step, 0.05 every fourth.'),
    beta1: decay("Decay of Adam's first moment.").default(0.9),
    beta2: decay("Decay of Adam's second moment.").default(0.999),
    shrink: z
      .number()
      .min(0)
      .default(0)
      .describe('Added to each step: a preference for the smaller radius, in units of the step; 0.05 in warm (ours).'),
    epsilon: z.number().min(0).default(1e-12).describe("Added to the root of Adam's second moment."),
  })
  .describe("How rho moves; default: Adam at 0.02 (ours; we do not know the paper's).");

export const options = z.strictObject({
  preset: z
    .enum(['warm', 'robust', 'paper'])
    .optional()
    .describe(
      'warm and robust are ours, with and without a start of the base alone; paper is the published form. Default warm, or paper where curvature, trainingBatch or the gap is given. Single options override it.',
    ),
  objective: z
    .enum(['gap', 'validation'])
    .optional()
    .describe('gap (paper): 1/2 (L_vl - L_tr)^2; validation (robust): L_vl.'),
  trainingBatch: z
    .enum(['same', 'next'])
    .optional()
    .describe("Training batch of the gap: the one just trained on, or the next step's. Default same."),
  curvature: z
    .enum(['diagonal', 'secant', 'exact'])
    .optional()
    .describe('H d: diagonal (paper), secant (robust; free), exact (two more gradients).'),
  projection: z
    .boolean()
    .optional()
    .describe('Removes from H d its component along the step: true in preset robust only.'),
  memory: decay('Decay of d theta / d rho over steps: 0 (paper), 0.99 (robust).').optional(),
  preconditioned: z
    .boolean()
    .optional()
    .describe(
      "d theta / d rho through the base's own step of each weight, where it has one (Adam), in place of its rate.",
    ),
  groups: z
    .enum(['role', 'layer'])
    .optional()
    .describe('A radius for each role (kernel, bias, ...) or each layer, instead of one for all.'),
  normMatch: z.boolean().optional().describe('Scales the step to the length of the clean gradient. Default false.'),
  parameterization: z
    .enum(['log', 'linear'])
    .optional()
    .describe('What the upper optimizer moves: log rho (default) or rho.'),
  upper: upper.optional(),
  every: z
    .number()
    .int()
    .min(1)
    .optional()
    .describe('The upper level runs on steps whose index is a multiple of it. Default 1.'),
  warmup: z.number().int().min(0).optional().describe('No upper level before this step. Default 0.'),
  warmStart: z
    .number()
    .min(0)
    .refine((value) => value < 1 || Number.isInteger(value), {
      message: 'is neither a share below 1 nor a whole number',
    })
    .optional()
    .describe('The base alone at first, rho at rest: for this share of the run where below 1, else for so many steps.'),
  rhoMin: z.number().positive().optional().describe('Smallest rho. Default 1e-3 (ours).'),
  rhoMax: z.number().positive().optional().describe('Largest rho. Default 2 (ours).'),
});

export type LetsOptions = z.output<typeof options>;
