import * as tf from '@tensorflow/tfjs-core';

/** The optimizer of rho. */
export interface UpperSettings {
  readonly use: 'sgd' | 'adam';
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

export interface RadiusSettings {
  readonly parameterization: 'log' | 'linear';
  readonly upper: UpperSettings;
  readonly rhoMin: number;
  readonly rhoMax: number;
}

/** rho and what its optimizer remembers. */
export interface RadiusState {
  readonly rho: tf.Scalar;
  /**
   * Adam's [m, v, 1 - beta1^t, 1 - beta2^t]: all four are moving averages, of [x, x^2, 1, 1], so that one vector op
   * serves them. Absent under plain gradient descent.
   */
  readonly moments?: tf.Tensor1D;
}

export function firstRadius(rho: number, { upper }: RadiusSettings): RadiusState {
  return { rho: tf.scalar(rho), ...(upper.use === 'adam' ? { moments: tf.zeros<tf.Rank.R1>([4]) } : {}) };
}

/**
 * One step down the hypergradient h = d F / d rho:
 * - linear: rho - beta h;
 * - log (nu = log rho, d F / d nu = rho h): exp(nu - beta rho h) = rho exp(-beta rho h),
 * with Adam's direction in place of the gradient where that is the optimizer; then clamped to [rhoMin, rhoMax].
 *
 * Where `used` is false or h is 0 or not finite, rho and the moments stay as they were: one predicate chooses, nothing
 * is read back.
 */
export function descendRadius(
  { rho, moments }: RadiusState,
  h: tf.Scalar,
  { parameterization, upper, rhoMin, rhoMax }: RadiusSettings,
  used?: tf.Tensor,
): RadiusState {
  const log = parameterization === 'log';
  const slope = log ? tf.mul<tf.Scalar>(rho, h) : h;
  const next = moments && averaged(moments, slope, upper);
  const step = next === undefined ? slope : adamDirection(next, upper);
  const change = tf.mul(step, -upper.learningRate);
  const moved = tf.clipByValue(log ? tf.mul(rho, tf.exp(change)) : tf.add(rho, change), rhoMin, rhoMax);
  const finite = tf.isFinite(tf.div(h, h)); // 0 / 0, inf / inf and NaN are not.
  const accepted = used === undefined ? finite : tf.logicalAnd(finite, used);
  return {
    rho: tf.where(accepted, moved, rho) as tf.Scalar,
    ...(next === undefined || moments === undefined ? {} : { moments: tf.where<tf.Tensor1D>(accepted, next, moments) }),
  };
}

function averaged(moments: tf.Tensor1D, slope: tf.Scalar, { beta1, beta2 }: UpperSettings): tf.Tensor1D {
  const powers = tf.pow(slope, [1, 2, 0, 0]);
  const kept = tf.mul(moments, [beta1, beta2, beta1, beta2]);
  return tf.add(kept, tf.mul(powers, [1 - beta1, 1 - beta2, 1 - beta1, 1 - beta2]));
}

/** Adam's m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon), from the averages. */
function adamDirection(moments: tf.Tensor1D, { epsilon }: UpperSettings): tf.Scalar {
  const [mean, square] = tf.split(tf.div(tf.slice(moments, 0, 2), tf.slice(moments, 2, 2)), 2) as [
    tf.Tensor1D,
    tf.Tensor1D,
  ];
  return tf.reshape(tf.div(mean, tf.add(tf.sqrt(square), epsilon)), []);
}
