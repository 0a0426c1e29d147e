import { z } from 'zod';

/** What stands once in an optimizer spec, at whatever level. */
export const sharedOptions = ['base', 'clipNorm', 'guard', 'seed'] as const;
export type SharedOption = (typeof sharedOptions)[number];

/** The options that core itself understands. */
export const levelSchemas = {
  clipNorm: z.number().positive().describe('a positive number; the final gradient is scaled down to this norm, once.'),
  guard: z
    .boolean()
    .describe('true refuses a non-finite loss or gradient before anything changes; reads one scalar a step.'),
  seed: z
    .number()
    .int()
    .min(0)
    .describe('a whole number that is not negative; fixes every random number of the optimizer.'),
  window: z
    .strictObject({
      every: z.number().int().min(1).optional(),
      start: z.number().int().min(0).optional(),
      end: z.number().int().min(1).optional(),
    })
    .refine(({ start = 0, end = Infinity }) => end > start, {
      message: 'end must be larger than start',
      path: ['end'],
    }),
};
