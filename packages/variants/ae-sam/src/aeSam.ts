import { gateAround, plainStep, type SharpnessVariant, squaredNorm } from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';

/** The options of the algorithm. */
export interface AeSamSettings {
  readonly delta: number;
  readonly lambda1: number;
  readonly lambda2: number;
  readonly mu0: number;
  readonly var0: number;
  /** T of the formula. */
  readonly totalSteps: number;
}

/** Moving mean and variance of ||g||^2. */
interface Moments {
  readonly mu: tf.Scalar;
  readonly variance: tf.Scalar;
}

/** delta old + (1 - delta) fresh. */
const averaged = (old: tf.Scalar, fresh: tf.Scalar, delta: number): tf.Scalar =>
  tf.add(tf.mul(old, delta), tf.mul(fresh, 1 - delta));

/** mu_t, then var_t around the new mu_t. */
function updated({ mu, variance }: Moments, squared: tf.Scalar, delta: number): Moments {
  const next = averaged(mu, squared, delta);
  return { mu: next, variance: averaged(variance, tf.square(tf.sub(squared, next)), delta) };
}

/** c_t = (t / T) lambda1 + (1 - t / T) lambda2; it stays at lambda1 where training goes on beyond T. */
function tolerance(index: tf.Scalar, { lambda1, lambda2, totalSteps }: AeSamSettings): tf.Scalar {
  const progress = tf.minimum(1, tf.div(index, totalSteps));
  return tf.add(tf.mul(progress, lambda1 - lambda2), lambda2);
}

/**
 * AE-SAM around a variant: its step if the squared gradient norm is large compared with recent ones, otherwise a step
 * of the base alone.
 */
export function aeSamVariant(inner: SharpnessVariant<unknown>, settings: AeSamSettings): SharpnessVariant<unknown> {
  return gateAround<unknown, Moments>(inner, {
    id: 'ae-sam',
    // What is read back decides the rest.
    graphKey: (_, ask) => ask(),
    firstState: () => ({ mu: tf.scalar(settings.mu0), variance: tf.scalar(settings.var0) }),
    pass: (step, ask) => {
      const squared = squaredNorm(step.evaluate().gradient);
      const own = updated(step.state, squared, settings.delta);
      const threshold = tf.add<tf.Scalar>(
        own.mu,
        tf.mul(tf.sqrt(own.variance), tolerance(step.indexScalar(), settings)),
      );
      // The one value a step reads back: what is computed next depends on it.
      const isSharp = tf.greaterEqual(squared, threshold).dataSync()[0] === 1;
      const outcome = isSharp ? ask() : plainStep(step);
      const metrics = { branch: isSharp ? 'sam' : 'base', ...outcome.metrics, squaredNorm: squared, threshold };
      return { ...outcome, own, metrics };
    },
  });
}
