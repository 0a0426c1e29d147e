import { FlatminError, gateAround, type GateState, matchCleanNorm, type SharpnessVariant } from '@flatmin/core';

/** Stable SAM around a variant: its final gradient ghat becomes ghat ||g|| / ||ghat||, as long as the clean gradient g. */
export function stableSamVariant<S>(inner: SharpnessVariant<S>): SharpnessVariant<GateState<S, object>> {
  return gateAround(inner, {
    id: 'stable-sam',
    branch: (_, ask) => ask(),
    firstState: () => ({}),
    pass: (step, ask) => {
      const outcome = ask();
      if (outcome.gradient !== undefined) return { ...matchCleanNorm(outcome), own: step.state };
      throw new FlatminError(
        'SPEC_INVALID',
        `stable-sam scales the gradient that the base gets, and ${inner.id} gives it none: it moves the weights itself. ` +
          'Wrap a variant with a base, such as sam.',
      );
    },
  });
}
