import * as tf from '@tensorflow/tfjs-core';

export interface AdamSettings {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/** 1 - beta^t. In float32 the difference itself would have four digits at 0.999 and t = 1. */
export const biasCorrection = (beta: number, t: tf.Scalar): tf.Scalar =>
  tf.neg(tf.expm1(tf.mul(t, tf.scalar(Math.log(beta)))));

/** P of Adam's second moment v: 1 / (sqrt(v / (1 - beta2^t)) + epsilon). */
export function secondMomentPreconditioner({ beta2, epsilon }: Omit<AdamSettings, 'beta1'>, t: tf.Scalar) {
  const correction = biasCorrection(beta2, t);
  return (v: tf.Tensor): tf.Tensor => tf.reciprocal(tf.add(tf.sqrt(tf.div(v, correction)), epsilon));
}

/** Adam's step of one variable, and its slots m and v with it. */
export type Moments = (
  gradient: tf.Tensor,
  slots: readonly tf.Tensor[],
) => { readonly step: tf.Tensor; readonly moments: readonly tf.Tensor[] };

/**
 * m and v are moving averages of the gradient and its square, and the step is size (m / c1) / (sqrt(v / c2) + epsilon)
 * with c = 1 - beta^t, computed as (size sqrt(c2) / c1) m / (sqrt(v) + epsilon sqrt(c2)), which is the same and two
 * operations less (section 2 of the paper).
 *
 * @param size multiplies the step without an operation for each variable, as a learning rate does.
 */
export function adamMoments({ beta1, beta2, epsilon }: AdamSettings, t: tf.Scalar, size?: tf.Scalar): Moments {
  const [b1, b2, a1, a2] = [tf.scalar(beta1), tf.scalar(beta2), tf.scalar(1 - beta1), tf.scalar(1 - beta2)];
  const root = tf.sqrt(biasCorrection(beta2, t));
  const unit = tf.div<tf.Scalar>(root, biasCorrection(beta1, t));
  const factor = size === undefined ? unit : tf.mul(size, unit);
  const floor = tf.mul(tf.scalar(epsilon), root);
  return (gradient, slots) => {
    const [m, v] = slots as [tf.Tensor, tf.Tensor];
    const nextM = tf.add(tf.mul(b1, m), tf.mul(a1, gradient));
    const nextV = tf.add(tf.mul(b2, v), tf.mul(a2, tf.square(gradient)));
    return { step: tf.div(tf.mul(factor, nextM), tf.add(tf.sqrt(nextV), floor)), moments: [nextM, nextV] };
  };
}
