import * as z from 'zod';
import type { ImageShape } from './augmentation.js';
import { type AugmentChoice, augmentationsOf, augmentSchema } from './augmentSchema.js';
import { normalizationOf, type NormalizeChoice, normalizeSchema } from './normalization.js';
import { imagePipeline, type Prepare } from './pipeline.js';

export type ImageForm = 'flat' | 'image';

/** The options of {@link imageSchema} as they are given. */
export interface ImageChoice {
  readonly shape?: ImageForm | undefined;
  readonly normalize?: NormalizeChoice | undefined;
  readonly augment?: AugmentChoice | undefined;
  /** Bytes; their meaning depends on the data set. */
  readonly memory?: number | undefined;
}

/** Bytes of the option `memory` that is not given, in code as in specs: 256 MiB. */
const memoryBytes = 2 ** 28;

/**
 * What the plugins of image data sets share; spread it in a `z.strictObject`.
 *
 * @param own.shape the default of `shape`, and `own.shapes` what its two values mean.
 * @param own.normalize the default of `normalize`.
 * @param own.memory what the bytes of `memory` are for.
 */
export function imageSchema<F extends ImageForm>(own: {
  readonly shape: F;
  readonly shapes: string;
  readonly normalize: string;
  readonly memory: string;
}) {
  return {
    shape: z
      .enum(['flat', 'image'] as const)
      .default(own.shape)
      .describe(`Shape of one example: ${own.shapes}.`),
    normalize: normalizeSchema
      .optional()
      .describe(
        '(x - mean) / std per channel, x in [0, 1]: constants by name, or your own { mean, std }; false: none. ' +
          `Default: ${own.normalize}.`,
      ),
    augment: augmentSchema,
    memory: z.int().min(0).default(memoryBytes).describe(`Bytes ${own.memory}.`),
  };
}

/** What images become under the options of {@link imageSchema}: shape of an example, and the pipeline. */
export function imageInput(
  shape: ImageShape,
  choice: ImageChoice,
  defaults: { readonly shape: ImageForm; readonly normalize: NormalizeChoice },
): { readonly inputShape: readonly number[]; readonly prepare: Prepare } {
  const { height, width, channels } = shape;
  const { shape: form = defaults.shape, normalize = defaults.normalize, augment = [] } = choice;
  return {
    inputShape: form === 'flat' ? [height * width * channels] : [height, width, channels],
    prepare: imagePipeline({
      shape,
      normalize: normalizationOf(normalize),
      augment: augmentationsOf(augment),
    }),
  };
}

/** The option `memory`, or what it is without. */
export function memoryOf({ memory = memoryBytes }: ImageChoice): number {
  return memory;
}
