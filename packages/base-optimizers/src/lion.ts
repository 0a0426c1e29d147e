import * as tf from '@tensorflow/tfjs-core';
import type { UpdateRule } from './updateRule.js';

export interface LionSettings {
  readonly beta1: number;
  readonly beta2: number;
}

/**
 * Lion: the step is learningRate sign(beta1 m + (1 - beta1) g), and only then m <- beta2 m + (1 - beta2) g, from m = 0
 * without bias correction. sign(0) is 0. It has no preconditioner: a sign has derivative 0, so who differentiates its
 * step takes it for SGD's.
 */
export function lionRule({ beta1, beta2 }: LionSettings): UpdateRule {
  return {
    id: 'lion',
    options: { beta1, beta2 },
    slots: ['m'],
    begin: (learningRate) => {
      const [b1, b2, a1, a2] = [tf.scalar(beta1), tf.scalar(beta2), tf.scalar(1 - beta1), tf.scalar(1 - beta2)];
      return (theta, gradient, [m]) => {
        const direction = tf.sign(tf.add(tf.mul(b1, m as tf.Tensor), tf.mul(a1, gradient)));
        return {
          theta: tf.sub(theta, tf.mul(learningRate, direction)),
          slots: [tf.add(tf.mul(b2, m as tf.Tensor), tf.mul(a2, gradient))],
        };
      };
    },
  };
}
