import {
  add,
  ascentOf,
  norm,
  ofLength,
  type SharpnessVariant,
  type Step,
  type StepOutcome,
} from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';
import { Plane } from './plane.js';
import { gridOf, searchedAlpha, type SearchSettings } from './search.js';

/** The options of the algorithm, including rho: it is not an argument of the step, because LETS cannot learn it. */
export interface XsamSettings extends SearchSettings {
  /** The length of all ascents together. */
  readonly rho: number;
  readonly ascentSteps: number;
  /** How far the step turns from the offset (0) to the gradient there (1), and beyond; until the first search. */
  readonly alpha: number;
  /** Steps from one search of alpha to the next; absent: alpha stays constant. */
  readonly searchEvery?: number | undefined;
}

/** Between steps: the alpha that the last search found. */
export interface XsamState {
  readonly alpha?: tf.Scalar;
}

/** `ascentSteps` ascents of rho / ascentSteps each, along the normalized gradient where the last one ended. */
function climb({ evaluate }: Step<XsamState>, { rho, ascentSteps }: XsamSettings) {
  const { loss, gradient: clean } = evaluate();
  const part = tf.scalar(rho / ascentSteps);
  let offset = ofLength(clean, part);
  let there = evaluate({ offset });
  for (let ascents = 1; ascents < ascentSteps; ascents++) {
    offset = add(offset, ofLength(there.gradient, part));
    there = evaluate({ offset });
  }
  return { loss, clean, ghat: there.gradient, offset: there.offset ?? offset };
}

/**
 * XSAM as a variant: a step as long as the perturbed gradient, in a direction turned by alpha from the ascent towards
 * it.
 */
export function xsamVariant(settings: XsamSettings): SharpnessVariant<XsamState> {
  const { rho, alpha: given, searchEvery } = settings;
  const isSearching = ({ index }: { readonly index: number }): boolean =>
    searchEvery !== undefined && index % searchEvery === 0;
  const estimate = (step: Step<XsamState>): StepOutcome<XsamState> => {
    const { loss, clean, ghat, offset } = climb(step, settings);
    const plane = new Plane(offset, ghat);
    const searches = isSearching(step);
    const alpha = searches ? searchedAlpha(step.evaluate, plane, settings) : (step.state.alpha ?? given);
    const ascent = ascentOf(offset, tf.scalar(rho), { clean, perturbed: ghat });
    const forwardEvaluations = searches ? gridOf(settings).length : 0;
    const metrics = { radius: tf.scalar(rho), perturbationNorm: norm(offset), alpha, forwardEvaluations };
    const state = typeof alpha === 'number' ? {} : { alpha };
    return { loss, gradient: plane.turned(alpha), state, ascent, metrics };
  };
  return {
    id: 'xsam',
    radius: 'none',
    graphKey: (outlook) => (isSearching(outlook) ? 'search' : 'step'),
    initialState: () => (searchEvery === undefined ? {} : { alpha: tf.scalar(given) }),
    estimate,
  };
}
