import type { StepOutcome } from './variant.js';
import { damped, normRatio, scale } from './weightVector.js';

/**
 * The outcome with its final gradient scaled to the length of the clean one, ghat ||g|| / (||ghat|| + 1e-12), and its ascent's
 * factor with it: the `normMatch` of LETS, and Stable SAM. A step that did not climb, or gives the base no gradient, is as it was.
 */
export function matchCleanNorm<S>(outcome: StepOutcome<S>): StepOutcome<S> {
  const { ascent, gradient } = outcome;
  if (ascent === undefined || gradient === undefined) return outcome;
  const ratio = normRatio(ascent.clean, gradient);
  return { ...outcome, gradient: scale(gradient, ratio), ascent: damped(ascent, ratio) };
}
