import { ascend, norm, normEpsilon, scale, type SharpnessVariant, type Step } from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';

/** The options of the algorithm; rho is an argument of each step. */
export interface UsamSettings {
  /** The share of SAM in the offset, or how it changes over the steps t = 1, 2, ...; absent: 0. */
  readonly lambda?: number | '1/t' | '1-1/t' | undefined;
}

/** lambda of the step, as a tensor where it changes: a step that is replayed asks for it again. */
function lambdaOf(step: Step<unknown>, lambda: number | '1/t' | '1-1/t'): number | tf.Scalar {
  if (typeof lambda === 'number') return lambda;
  return step.scalarAt(({ index }) => (lambda === '1/t' ? 1 / (index + 1) : 1 - 1 / (index + 1)));
}

/**
 * USAM as a variant: epsilon = rho g, not normalized, so that it fades where the gradient does. With `lambda` that of
 * Unified SAM, epsilon = rho (1 - lambda + lambda / ||g||) g, between USAM at 0 and SAM at 1.
 */
export function usamVariant({ lambda }: UsamSettings = {}): SharpnessVariant<unknown> {
  return {
    id: 'usam',
    radius: 'linear',
    graphKey: () => 'step',
    initialState: () => ({}),
    estimate: (step) => {
      const { loss, gradient: g } = step.evaluate();
      let factor = step.radius;
      if (lambda !== undefined) {
        const share = lambdaOf(step, lambda);
        // The factors are mixed, not the lengths. rho goes into each term, so that 0 is USAM and 1 is SAM bit for bit.
        const ofUsam = tf.mul<tf.Scalar>(step.radius, tf.sub(1, share));
        factor = tf.add(ofUsam, tf.div(tf.mul(step.radius, share), tf.add(norm(g), normEpsilon)));
      }
      const { perturbed, ascent, metrics } = ascend(step, scale(g, factor));
      return { loss, gradient: perturbed, state: step.state, ascent, metrics };
    },
  };
}
