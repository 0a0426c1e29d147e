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
      'warm and robust are ours; warm begins with steps of the base alone. paper is the published form. Default: warm, or paper if curvature, trainingBatch or the gap is given. Single options override the preset.',
    ),
  objective: z
    .enum(['gap', 'validation'])
    .optional()
    .describe('gap (paper): 1/2 (L_vl - L_tr)^2; validation (warm, robust): L_vl.'),
  trainingBatch: z
    .enum(['same', 'next'])
    .optional()
    .describe("Training batch of the gap: the one just trained on, or the next step's. Default same."),
  curvature: z
    .enum(['diagonal', 'secant', 'exact'])
    .optional()
    .describe('How H d is estimated: diagonal (paper), secant (warm, robust; free), exact (two more gradients).'),
  projection: z
    .boolean()
    .optional()
    .describe('Removes from H d its component along the step. True only in preset robust.'),
  memory: decay('Decay of d theta / d rho over steps: 0 (paper), 0.99 (warm, robust).').optional(),
  preconditioned: z
    .boolean()
    .optional()
    .describe(
      "Computes d theta / d rho with the base's own scaling of each weight, if it has one (Adam), instead of its learning rate alone.",
    ),
  groups: z
    .enum(['role', 'layer'])
    .optional()
    .describe('A separate radius for each role (kernel, bias, ...) or each layer, instead of one for all.'),
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
    .describe('The upper level runs on steps whose index is a multiple of this. Default 1.'),
  warmup: z.number().int().min(0).optional().describe('No upper level before this step. Default 0.'),
  warmStart: z
    .number()
    .min(0)
    .refine((value) => value < 1 || Number.isInteger(value), {
      message: 'is neither a share below 1 nor a whole number',
    })
    .optional()
    .describe(
      'How long the base trains alone at first, with rho constant: below 1 a share of the run, otherwise a number of steps.',
    ),
  rhoMin: z.number().positive().optional().describe('Smallest rho. Default 1e-3 (ours).'),
  rhoMax: z.number().positive().optional().describe('Largest rho. Default 2 (ours).'),
});

export type LetsOptions = z.output<typeof options>;
