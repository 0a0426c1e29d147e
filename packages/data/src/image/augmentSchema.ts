import * as z from 'zod';
import type { Augmentation } from './augmentation.js';
import { cutout, horizontalFlip, randomCrop } from './cropFlipCutout.js';
import { mostMagnitude, randAugment } from './randAugment.js';

const steps = z.discriminatedUnion('use', [
  z.strictObject({ use: z.literal('crop'), padding: z.int().min(0).default(4) }),
  z.strictObject({ use: z.literal('flip'), probability: z.number().min(0).max(1).default(0.5) }),
  z.strictObject({ use: z.literal('cutout'), size: z.int().min(1) }),
  z.strictObject({
    use: z.literal('rand-augment'),
    operations: z.int().min(1).default(2),
    magnitude: z.int().min(0).max(mostMagnitude).default(9),
  }),
]);

/** The option `augment` of image data sets. */
export const augmentSchema = z
  .array(steps)
  .default([])
  .describe(
    'Steps in order, drawn for each example and epoch: crop { padding }, flip { probability }, cutout { size }, ' +
      'rand-augment { operations, magnitude }.',
  );

export type AugmentChoice = Readonly<NonNullable<z.input<typeof augmentSchema>>>;

/** The steps of the option `augment`. */
export function augmentationsOf(choice: AugmentChoice): readonly Augmentation[] {
  return choice.map((step) => {
    if (step.use === 'crop') return randomCrop({ padding: step.padding ?? 4 });
    if (step.use === 'flip')
      return horizontalFlip(step.probability === undefined ? {} : { probability: step.probability });
    if (step.use === 'rand-augment') return randAugment(step);
    return cutout(step);
  });
}
