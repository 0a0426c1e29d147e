import { show } from '@flatmin/core/plugin';
import { checkClasses, checkLabels } from '../errors/checks.js';
import { refuse } from '../errors/refuse.js';
import { type Seed, streamOf } from './seed.js';

/** `symmetric`: a uniformly chosen other class; `pair-flip`: class c becomes (c + 1) mod classes. */
export type LabelNoiseKind = 'symmetric' | 'pair-flip';
export const labelNoiseKinds = ['symmetric', 'pair-flip'] as const satisfies readonly LabelNoiseKind[];

export interface LabelNoise {
  readonly kind: LabelNoiseKind;
  /** Fraction of labels that become wrong, in [0, 1]. */
  readonly rate: number;
  readonly seed: Seed;
}

/**
 * Labels of which exactly `Math.round(rate * n)` are wrong; the seed determines which ones.
 *
 * - `symmetric`: a wrong label is drawn uniformly from the *other* `classes - 1` classes. (Papers that draw from all
 *   classes have a true rate of `rate * (classes - 1) / classes`.)
 * - `pair-flip`: class c becomes (c + 1) mod `classes`.
 *
 * At the same seed the noise of a lower rate is part of the noise of a higher one. Returns a new array.
 *
 * @param labels int32 [n], classes in [0, `classes`).
 * @throws FlatminError DATA_INVALID for a rate outside [0, 1], an unknown kind, or labels that are not a class.
 * @example
 * ```ts
 * labelNoise(Int32Array.of(0, 1, 2, 2), { kind: 'pair-flip', rate: 1, classes: 3, seed: 0 }); // 1, 2, 0, 0
 * ```
 */
export function labelNoise(labels: Int32Array, options: LabelNoise & { readonly classes: number }): Int32Array {
  const { kind, rate, classes, seed } = options;
  checkClasses(classes);
  checkLabels(labels, classes);
  if (!(rate >= 0 && rate <= 1)) refuse(`the label noise rate is ${show(rate)}`, 'Give a number from 0 to 1.');
  if (!labelNoiseKinds.includes(kind)) {
    refuse(`the label noise kind is ${show(kind)}`, `Use ${labelNoiseKinds.map(show).join(' or ')}.`);
  }
  const random = streamOf(seed).at('label-noise');
  const order = random.at('which').permutation(labels.length);
  const shifts = random.at('class').uniforms(kind === 'symmetric' ? labels.length : 0);
  const noisy = labels.slice();
  for (const row of order.subarray(0, Math.round(rate * labels.length))) {
    // From 1 to classes - 1 places further on, so never the true class.
    const shift = kind === 'symmetric' ? 1 + Math.floor((shifts[row] as number) * (classes - 1)) : 1;
    noisy[row] = ((labels[row] as number) + shift) % classes;
  }
  return noisy;
}
