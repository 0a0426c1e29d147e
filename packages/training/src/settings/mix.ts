import * as z from 'zod';

const alpha = z.number().gt(0);

/** How the batches of training are mixed. As JSON: `{ "mixup": { "alpha": 0.2 }, "cutmix": {} }`. */
export const mixSchema = z.strictObject({
  mixup: z
    .strictObject({ alpha: alpha.default(0.2).describe('lambda is drawn from Beta(alpha, alpha)') })
    .optional()
    .describe('blends each example with another one of its batch'),
  cutmix: z
    .strictObject({ alpha: alpha.default(1).describe('lambda is drawn from Beta(alpha, alpha)') })
    .optional()
    .describe('pastes a box of another image of the batch into each image'),
  prob: z.number().gt(0).max(1).default(1).describe('probability that a batch is mixed'),
  switchProb: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe('where both are given, the probability that a mixed batch is mixed by cutmix; default 0.5'),
});

export type MixOptions = z.input<typeof mixSchema>;

/** {@link MixOptions} with their defaults. */
export type MixSettings = z.output<typeof mixSchema>;
