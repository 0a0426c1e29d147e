import {
  gateAround,
  type GateState,
  matchCleanNorm,
  requireGradient,
  type SharpnessVariant,
} from '@flatmin/core/plugin';

/**
 * Stable SAM around a variant: its final gradient ghat becomes ghat ||g|| / ||ghat||, as long as the clean gradient g.
 */
export function stableSamVariant<S>(inner: SharpnessVariant<S>): SharpnessVariant<GateState<S, object>> {
  return gateAround(inner, {
    id: 'stable-sam',
    graphKey: (_, ask) => ask(),
    firstState: () => ({}),
    pass: (step, ask) => {
      const outcome = ask();
      requireGradient(outcome, 'stable-sam', inner.id);
      return { ...matchCleanNorm(outcome), own: step.state };
    },
  });
}
