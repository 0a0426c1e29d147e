import * as tf from '@tensorflow/tfjs-core';
import { biasCorrection, secondMomentPreconditioner } from './adamMoments.js';
import type { ScalarRule } from './sharedScalars.js';
import type { Scalars, UpdateRule } from './updateRule.js';

/** What both forms share; beta is the share of x in y. */
export interface ScheduleFreeSettings {
  readonly beta: number;
  readonly warmupSteps: number;
  readonly r: number;
  readonly weightLrPower: number;
}

export interface SecondMomentSettings {
  readonly beta2: number;
  readonly epsilon: number;
}

/** The learning rate l of step number t, with its warm-up. */
function warmed({ warmupSteps }: ScheduleFreeSettings, t: tf.Scalar, learningRate: tf.Scalar): tf.Scalar {
  return warmupSteps === 0 ? learningRate : tf.mul(learningRate, tf.minimum(1, tf.div(t, warmupSteps)));
}

/**
 * Of each variable: t, the number of its steps; the largest l so far; and `shares`, the sum of the weights
 * w = t^r lmax^weightLrPower of the average over that of the last step, so that c is 1 over it. With equal weights it
 * counts, exactly, where a sum of weights in float32 would round at each step, and it cannot underflow.
 */
function averageOf(settings: ScheduleFreeSettings): ScalarRule {
  const { r, weightLrPower } = settings;
  return {
    names: ['steps', 'largestRate', 'shares'],
    advance: ([before, largest, shares], learningRate) => {
      const t = tf.add<tf.Scalar>(before as tf.Scalar, 1);
      const next = tf.maximum<tf.Scalar>(largest as tf.Scalar, warmed(settings, t, learningRate));
      const rates = tf.pow<tf.Scalar>(tf.divNoNan(largest as tf.Scalar, next), weightLrPower);
      const ratio = r === 0 ? rates : tf.mul<tf.Scalar>(rates, tf.pow(tf.div(before as tf.Scalar, t), r));
      return [t, next, tf.add<tf.Scalar>(1, tf.mul(shares as tf.Scalar, ratio))];
    },
  };
}

/** With c of a step: 1 - c, beta c and 1 - beta (1 - c). */
function factorsOf(beta: number, [, , shares]: Scalars): Readonly<Record<'left' | 'pull' | 'push', tf.Scalar>> {
  const c = tf.reciprocal(shares as tf.Scalar);
  const left = tf.sub<tf.Scalar>(1, c);
  return { left, pull: tf.mul<tf.Scalar>(beta, c), push: tf.sub<tf.Scalar>(1, tf.mul(beta, left)) };
}

/** The direction d of a step without decay, and what the slots besides x - z are with it. */
type Direction = (gradient: tf.Tensor, slots: readonly tf.Tensor[]) => readonly [d: tf.Tensor, ...slots: tf.Tensor[]];

/**
 * Schedule-free: z -= l d, x <- (1 - c) x + c z, y = beta x + (1 - beta) z, where gradients are taken at y and decay
 * adds lambda y to d. The variable holds y, and the slot u = x - z, so that x = y + (1 - beta) u:
 *
 *     u <- (1 - c) (u + l d)
 *     y <- y - beta c u - (1 - beta (1 - c)) l d      with u before the step
 *
 * The official code keeps y and z, and divides by beta for x, which a small beta makes inexact in float32; here nothing
 * is divided. c is 1 in the first step: u is 0, and x = y = z.
 */
function scheduleFreeRule(
  settings: ScheduleFreeSettings,
  form: Pick<UpdateRule, 'id' | 'slots' | 'preconditioner'> & { readonly begin: (t: tf.Scalar) => Direction },
): UpdateRule {
  const { beta } = settings;
  return {
    id: form.id,
    options: {}, // Its beta is no momentum for who asks for one (MSAM).
    slots: ['x-z', ...form.slots],
    scalars: averageOf(settings),
    decaysItself: true,
    begin: (learningRate, scalars) => {
      const [t] = scalars as [tf.Scalar];
      const l = warmed(settings, t, learningRate);
      const { left, pull, push } = factorsOf(beta, scalars);
      const direction = form.begin(t);
      return (y, gradient, [u, ...others], lambda) => {
        const [plain, ...slots] = direction(gradient, others);
        const d = lambda === undefined ? plain : tf.add(plain, tf.mul(lambda, y));
        const step = tf.mul(l, d);
        const moved = tf.add(tf.mul(pull, u as tf.Tensor), tf.mul(push, step));
        return { theta: tf.sub(y, moved), slots: [tf.mul(left, tf.add(u as tf.Tensor, step)), ...slots] };
      };
    },
    // How far the step moves y along P g; the pull towards z is not the gradient's.
    preconditioner: (scalars) => {
      const [t] = scalars as [tf.Scalar];
      const factor = tf.mul(factorsOf(beta, scalars).push, warmed(settings, t, tf.scalar(1)));
      const of = form.preconditioner?.(scalars) ?? (([u]) => tf.onesLike(u as tf.Tensor));
      return (slots) => tf.mul(factor, of(slots));
    },
    evaluation: (y, [u]) => tf.add(y, tf.mul(1 - beta, u as tf.Tensor)),
  };
}

/** d = g. */
export function scheduleFreeSgdRule(settings: ScheduleFreeSettings): UpdateRule {
  return scheduleFreeRule(settings, { id: 'schedule-free-sgd', slots: [], begin: () => (gradient) => [gradient] });
}

/** v <- beta2 v + (1 - beta2) g^2, d = g / (sqrt(v / (1 - beta2^t)) + epsilon): Adam's, without a first moment. */
export function scheduleFreeAdamwRule(
  { beta2, epsilon }: SecondMomentSettings,
  settings: ScheduleFreeSettings,
): UpdateRule {
  return scheduleFreeRule(settings, {
    id: 'schedule-free-adamw',
    slots: ['v'],
    preconditioner: ([t]) => {
      const of = secondMomentPreconditioner({ beta2, epsilon }, t as tf.Scalar);
      return ([, v]) => of(v as tf.Tensor);
    },
    begin: (t) => {
      const [b2, a2] = [tf.scalar(beta2), tf.scalar(1 - beta2)];
      const root = tf.sqrt(biasCorrection(beta2, t));
      const floor = tf.mul(tf.scalar(epsilon), root);
      return (gradient, [v]) => {
        const next = tf.add(tf.mul(b2, v as tf.Tensor), tf.mul(a2, tf.square(gradient)));
        // Numerator and denominator times the root of the correction, which is a scalar.
        return [tf.div(tf.mul(root, gradient), tf.add(tf.sqrt(next), floor)), next];
      };
    },
  });
}
