import { squaredNorm } from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';
import { adamMoments, type AdamSettings } from './adamMoments.js';
import { stepCount } from './sharedScalars.js';
import type { UpdateRule } from './updateRule.js';

/** ||a|| / ||b||, and 1 where either is 0. */
function trustRatio(a: tf.Tensor, b: tf.Tensor): tf.Scalar {
  const [aa, bb] = [squaredNorm([a]), squaredNorm([b])];
  const isDefined = tf.greater(tf.minimum(aa, bb), 0);
  return tf.where<tf.Scalar>(isDefined, tf.sqrt(tf.div(aa, bb)), tf.scalar(1));
}

/**
 * LAMB: Adam's step r, with lambda theta added, at a length of its own for each tensor: the step is learningRate
 * (||theta|| / ||r||) r, the ratio 1 where either norm is 0. It tells no preconditioner: the ratio of a step is not
 * remembered.
 */
export function lambRule(settings: AdamSettings): UpdateRule {
  const { beta1, beta2, epsilon } = settings;
  return {
    id: 'lamb',
    options: { beta1, beta2, epsilon },
    slots: ['m', 'v'],
    scalars: stepCount,
    decaysItself: true,
    begin: (learningRate, [t]) => {
      const adam = adamMoments(settings, t as tf.Scalar);
      return (theta, gradient, slots, lambda) => {
        const { step, moments } = adam(gradient, slots);
        const r = lambda === undefined ? step : tf.add(step, tf.mul(lambda, theta));
        const size = tf.mul(learningRate, trustRatio(theta, r));
        return { theta: tf.sub(theta, tf.mul(size, r)), slots: moments };
      };
    },
  };
}
