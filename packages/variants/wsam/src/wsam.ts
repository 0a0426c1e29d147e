import { FlatminError } from '@flatmin/core';
import { add, ascend, ofLength, scale, type SharpnessVariant, type Step, sub } from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';

/** The options of the algorithm; rho is an argument of each step. */
export interface WsamSettings {
  readonly gamma: number;
  readonly decouple: boolean;
}

/** A base without a learning rate would turn the decoupled term, and with it every weight, into NaN. */
function requireLearningRate({ learningRate, learningRateValue }: Step<unknown>): tf.Scalar {
  if (Number.isFinite(learningRateValue)) return learningRate;
  throw new FlatminError(
    'BASE_MISSING',
    `wsam with decouple needs the learning rate of its base, which is ${learningRateValue}. ` +
      'Give its class a learningRate property, or set decouple: false.',
  );
}

/**
 * WSAM as a variant: descends on L + a (L(theta + epsilon) - L), a = gamma / (1 - gamma); the second term is applied
 * outside the base, or through it.
 */
export function wsamVariant({ gamma, decouple }: WsamSettings): SharpnessVariant<unknown> {
  const a = gamma / (1 - gamma);
  return {
    id: 'wsam',
    radius: 'linear',
    graphKey: () => 'step',
    initialState: () => ({}),
    estimate: (step) => {
      const { loss, gradient: g } = step.evaluate();
      const { perturbed, ascent, metrics } = ascend(step, ofLength(g, step.radius), a);
      const outcome = { loss, state: step.state, ascent, metrics };
      if (!decouple) return { ...outcome, gradient: add(scale(perturbed, a), scale(g, 1 - a)) };
      // The sharpness term knows nothing of the base's momentum or preconditioner: plain descent at its current rate.
      const rate = tf.mul<tf.Scalar>(requireLearningRate(step), -a);
      return { ...outcome, gradient: g, update: scale(sub(perturbed, g), rate) };
    },
  };
}
