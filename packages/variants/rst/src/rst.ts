import { FlatminError } from '@flatmin/core';
import {
  add,
  damped,
  gateAround,
  plainStep,
  scheduleAt,
  type ScheduleSpec,
  scale,
  type SharpnessVariant,
  type StepOutcome,
  type StepOutlook,
} from '@flatmin/core/plugin';

/** The options of the algorithm. */
export interface RstSettings {
  /** p(t): the probability of a sharpness-aware step, or its schedule. */
  readonly p: ScheduleSpec;
  /** The coins themselves, in place of random ones: step t takes coins[t mod length]. */
  readonly coins?: readonly number[] | undefined;
  readonly gamma: number;
}

/** X_t ~ Bernoulli(p(t)): a function of seed and index alone, so that a resumed run tosses the same coins. */
function toss(
  { index, learningRateValue, random, totalSteps }: StepOutlook<unknown>,
  { p, coins }: RstSettings,
): boolean {
  if (coins !== undefined) return coins[index % coins.length] === 1;
  const chance = scheduleAt(p, { index, totalSteps, learningRate: learningRateValue });
  return (random.at('rst').uniforms(1)[0] as number) < chance;
}

/** G-RST: (1 - gamma) g + gamma ghat, where ghat is what the inner variant would give to the base. */
function moderated<S>(outcome: StepOutcome<S>, gamma: number): StepOutcome<S> {
  const { ascent, gradient, update } = outcome;
  if (gamma === 1 || ascent === undefined) return outcome;
  if (gradient === undefined) {
    throw new FlatminError(
      'SPEC_INVALID',
      `rst with gamma ${gamma} mixes the gradient of the variant inside with the clean one, and this variant gives none, because it ` +
        'moves the weights itself. Leave gamma at 1.',
    );
  }
  return {
    ...outcome,
    gradient: add(scale(ascent.clean, 1 - gamma), scale(gradient, gamma)),
    ascent: damped(ascent, gamma),
    ...(update && { update: scale(update, gamma) }),
  };
}

/** RST around a variant: its step where the coin says so, a step of the base alone elsewhere. */
export function rstVariant(inner: SharpnessVariant<unknown>, settings: RstSettings): SharpnessVariant<unknown> {
  return gateAround<unknown, unknown>(inner, {
    id: 'rst',
    graphKey: (outlook, ask) => (toss(outlook, settings) ? ask() : 'base'),
    firstState: () => ({}),
    pass: (step, ask) => {
      if (!toss(step, settings)) return { ...plainStep(step), own: {}, metrics: { branch: 'base' } };
      const outcome = moderated(ask(), settings.gamma);
      // An inner gate or window that did not perturb says so itself.
      return { ...outcome, own: {}, metrics: { branch: 'sam', ...outcome.metrics } };
    },
  });
}
