import type { LabelledSource } from '../source/labelledSource.js';
import { labelNoise } from './labelNoise.js';
import type { Parts } from './parts.js';
import { streamOf } from './seed.js';
import { noiseOf, type SplitChoice } from './splitSchema.js';

/**
 * The parts with the label noise of the options in train and validation, each at exactly this rate; test stays clean.
 * At one seed, train and validation are drawn independently.
 *
 * Validation is noisy too, as it would be if it were held out of noisy data: a choice made on clean labels would use
 * what the training set does not have.
 */
export function noisyParts<S extends LabelledSource<unknown>>(
  parts: Parts<S>,
  classes: number,
  choice: Pick<SplitChoice, 'labelNoise' | 'seed'> = {},
): Parts<S> {
  if (choice.labelNoise === undefined) return parts;
  const noise = noiseOf(choice.labelNoise, choice.seed);
  const noisy = (part: 'train' | 'validation'): S => ({
    ...parts[part],
    labels: labelNoise(parts[part].labels, { ...noise, classes, seed: streamOf(noise.seed).at(part) }),
  });
  return { train: noisy('train'), validation: noisy('validation'), test: parts.test };
}
