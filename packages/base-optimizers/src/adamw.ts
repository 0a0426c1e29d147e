import * as tf from '@tensorflow/tfjs-core';
import { adamMoments, type AdamSettings, secondMomentPreconditioner } from './adamMoments.js';
import { stepCount } from './sharedScalars.js';
import type { UpdateRule } from './updateRule.js';

/** AdamW: the step of Adam; the weights decay before, by themselves. */
export function adamwRule(settings: AdamSettings): UpdateRule {
  const { beta1, beta2, epsilon } = settings;
  return {
    id: 'adamw',
    options: { beta1, beta2, epsilon },
    slots: ['m', 'v'],
    scalars: stepCount,
    begin: (learningRate, [t]) => {
      const adam = adamMoments(settings, t as tf.Scalar, learningRate);
      return (theta, gradient, slots) => {
        const { step, moments } = adam(gradient, slots);
        return { theta: tf.sub(theta, step), slots: moments };
      };
    },
    preconditioner: ([t]) => {
      const of = secondMomentPreconditioner(settings, t as tf.Scalar);
      return ([, v]) => of(v as tf.Tensor);
    },
  };
}
