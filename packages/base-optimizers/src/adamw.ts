import * as tf from '@tensorflow/tfjs-core';
import type { UpdateRule } from './ruleBase.js';

export interface AdamwSettings {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/** 1 - beta^t. In float32 the difference itself would have four digits at 0.999 and t = 1. */
const biasCorrection = (beta: number, t: tf.Scalar): tf.Scalar =>
  tf.neg(tf.expm1(tf.mul(t, tf.scalar(Math.log(beta)))));

/**
 * Adam: m and v are moving averages of the gradient and its square, and the step is
 * learningRate (m / c1) / (sqrt(v / c2) + epsilon) with c = 1 - beta^t, computed as
 * (learningRate sqrt(c2) / c1) m / (sqrt(v) + epsilon sqrt(c2)), which is the same and two operations less (section 2
 * of the paper).
 */
export function adamwRule({ beta1, beta2, epsilon }: AdamwSettings): UpdateRule {
  return {
    id: 'adamw',
    options: { beta1, beta2, epsilon },
    slots: ['m', 'v'],
    isCounting: true,
    begin: (learningRate, t) => {
      const [b1, b2, a1, a2] = [tf.scalar(beta1), tf.scalar(beta2), tf.scalar(1 - beta1), tf.scalar(1 - beta2)];
      const root = tf.sqrt(biasCorrection(beta2, t as tf.Scalar));
      const size = tf.mul(learningRate, tf.div(root, biasCorrection(beta1, t as tf.Scalar)));
      const floor = tf.mul(tf.scalar(epsilon), root);
      return (theta, gradient, slots) => {
        const [m, v] = slots as [tf.Tensor, tf.Tensor];
        const nextM = tf.add(tf.mul(b1, m), tf.mul(a1, gradient));
        const nextV = tf.add(tf.mul(b2, v), tf.mul(a2, tf.square(gradient)));
        const step = tf.div(tf.mul(size, nextM), tf.add(tf.sqrt(nextV), floor));
        return { theta: tf.sub(theta, step), slots: [nextM, nextV] };
      };
    },
    preconditioner: (t) => {
      const correction = biasCorrection(beta2, t as tf.Scalar);
      return ([, v]) => tf.reciprocal(tf.add(tf.sqrt(tf.div(v as tf.Tensor, correction)), epsilon));
    },
  };
}
