import * as z from 'zod';

/** Mean and standard deviation of each channel, in units of the full range (a byte over 255). */
export interface Normalization {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/**
 * Constants of the training parts, pixels in [0, 1], over all pixels of each channel.
 *
 * `mnist`, `fashion-mnist`: computed from the official training files. `cifar10`, `cifar100`: those of the usual
 * training code (kuangliu/ pytorch-cifar and weiaicunzai/pytorch-cifar100). `imagenet`: torchvision's `models`
 * documentation, the same for all its models.
 */
export const normalizations = {
  mnist: { mean: [0.1307], std: [0.3081] },
  'fashion-mnist': { mean: [0.286], std: [0.353] },
  cifar10: { mean: [0.4914, 0.4822, 0.4465], std: [0.247, 0.2435, 0.2616] },
  cifar100: { mean: [0.5071, 0.4865, 0.4409], std: [0.2673, 0.2564, 0.2762] },
  imagenet: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
} as const satisfies Record<string, Normalization>;

export type NormalizationName = keyof typeof normalizations;
const names = Object.keys(normalizations) as NormalizationName[];

/** The option `normalize` of image data sets. */
export const normalizeSchema = z
  .union([
    z.enum(names),
    z.strictObject({ mean: z.array(z.number()).min(1), std: z.array(z.number().positive()).min(1) }),
    z.literal(false),
  ])
  .describe('(x - mean) / std per channel, x in [0, 1]: constants by name, or your own; false leaves [0, 1].');

export type NormalizeChoice = NormalizationName | Normalization | false;

/** The constants of a choice; undefined for none. */
export function normalizationOf(choice: NormalizeChoice): Normalization | undefined {
  if (choice === false) return undefined;
  return typeof choice === 'string' ? normalizations[choice] : choice;
}
