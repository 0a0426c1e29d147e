import type { ScheduleSpec } from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';

/** The optimizer of rho. */
export interface UpperSettings {
  readonly use: 'sgd' | 'adam';
  readonly learningRate: ScheduleSpec;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /**
   * Added to what each step goes by: under Adam, whose steps are about 1 where h keeps its sign and near 0 where it is
   * noise, rho sinks where the objective does not tell.
   */
  readonly shrink: number;
}

export interface RadiusSettings {
  readonly parameterization: 'log' | 'linear';
  readonly upper: UpperSettings;
  readonly rhoMin: number;
  readonly rhoMax: number;
}

/** rho and what its optimizer remembers. */
export interface RadiusState {
  /** One for all, or one of each variable, those of a group alike. */
  readonly rho: tf.Scalar | tf.Tensor1D;
  /**
   * Adam's [m, v, 1 - beta1^t, 1 - beta2^t] of each radius: all four are moving averages, of [x, x^2, 1, 1], so that
   * one op serves them. Absent under plain gradient descent.
   */
  readonly moments?: tf.Tensor;
}

/** @param count of the variables, where each group of them has a radius of its own. */
export function firstRadius(rho: number, { upper }: RadiusSettings, count?: number): RadiusState {
  const shape = count === undefined ? [] : [count];
  return {
    rho: tf.fill(shape, rho) as RadiusState['rho'],
    ...(upper.use === 'adam' ? { moments: tf.zeros([4, ...shape]) } : {}),
  };
}

/** d F / d rho, minus the rate of the step down it, and whether the lower step used rho. */
export interface Slope {
  readonly h: tf.Tensor;
  readonly descent: tf.Scalar;
  readonly used?: tf.Tensor | undefined;
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
  { h, descent, used }: Slope,
  { parameterization, upper, rhoMin, rhoMax }: RadiusSettings,
): RadiusState {
  const log = parameterization === 'log';
  const slope = log ? tf.mul(rho, h) : h;
  const next = moments && averaged(moments, slope, upper);
  const step = next === undefined ? slope : tf.reshape(adamDirection(next, upper), slope.shape);
  const preferred = upper.shrink === 0 ? step : tf.add(step, upper.shrink);
  const change = tf.mul(preferred, descent);
  const moved = tf.clipByValue(log ? tf.mul(rho, tf.exp(change)) : tf.add(rho, change), rhoMin, rhoMax);
  const finite = tf.isFinite(tf.div(h, h)); // 0 / 0, inf / inf and NaN are not.
  const accepted = used === undefined ? finite : tf.logicalAnd(finite, used);
  return {
    rho: tf.where(accepted, moved, rho) as RadiusState['rho'],
    ...(next === undefined || moments === undefined ? {} : { moments: tf.where(accepted, next, moments) }),
  };
}

function averaged(moments: tf.Tensor, slope: tf.Tensor, { beta1, beta2 }: UpperSettings): tf.Tensor {
  const column = (values: number[]): tf.Tensor => tf.tensor(values, [4, ...slope.shape.map(() => 1)]);
  const powers = tf.pow(slope, column([1, 2, 0, 0]));
  const kept = tf.mul(moments, column([beta1, beta2, beta1, beta2]));
  return tf.add(kept, tf.mul(powers, column([1 - beta1, 1 - beta2, 1 - beta1, 1 - beta2])));
}

/** Adam's m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon), from the averages. */
function adamDirection(moments: tf.Tensor, { epsilon }: UpperSettings): tf.Tensor {
  const [mean, square] = tf.split(tf.div(tf.slice(moments, 0, 2), tf.slice(moments, 2, 2)), 2) as [
    tf.Tensor,
    tf.Tensor,
  ];
  return tf.div(mean, tf.add(tf.sqrt(square), epsilon));
}
