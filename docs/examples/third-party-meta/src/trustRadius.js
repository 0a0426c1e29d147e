import { afterInnerUpdate, dot } from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';

/**
 * rho after a step. SAM ascends a linear model of the loss, which predicts that it rises by <g, rho d>. By the trapezoidal rule it
 * rises by about <(g + gp) / 2, rho d>, which takes no gradient that the step has not. As their quotient r comes to 1, the model holds.
 */
function nextRadius(rho, { clean, direction, perturbed }, { grow, high, low, rhoMax, shrink }) {
  // r - 1 = (<gp, d> / <g, d> - 1) / 2. Without a gradient it is 0 / 0, which compares as false: rho stays.
  const excess = tf.div(tf.sub(tf.div(dot(perturbed, direction), dot(clean, direction)), 1), 2);
  const agreement = tf.sub(1, tf.abs(excess));
  const larger = tf.where(tf.greater(agreement, high), tf.scalar(grow), tf.scalar(1));
  const factor = tf.where(tf.less(agreement, low), tf.scalar(shrink), larger);
  return tf.minimum(tf.mul(rho, factor), rhoMax);
}

/**
 * A variant around a variant: the radius is part of its state, and the inner one gets it as the radius of each step. State, `afterUpdate`,
 * `attach` and `graphKey` of the inner variant are passed on.
 */
export function trustRadiusAround(inner, start, settings) {
  return {
    id: `trust-radius(${inner.id})`,
    radius: inner.radius,
    learnedRadius: {
      initial: start,
      min: 0,
      max: settings.rhoMax,
      read: ({ rho }) => rho,
      write: (state, rho) => ({ ...state, rho }),
    },
    initialState: (weights) => ({ inner: inner.initialState(weights), rho: tf.scalar(start) }),
    estimate: (step) => {
      const { rho } = step.state;
      const outcome = inner.estimate({ ...step, radius: rho, state: step.state.inner });
      const { ascent } = outcome; // None where the inner variant does not perturb, as between the steps of `every`.
      const next = ascent === undefined ? rho : nextRadius(rho, ascent, settings);
      return {
        ...outcome,
        state: { inner: outcome.state, rho: next },
        carry: outcome,
        metrics: { ...outcome.metrics, ...(ascent && { radius: rho }), radiusAfter: next },
      };
    },
    graphKey: (outlook) => inner.graphKey?.({ ...outlook, state: outlook.state.inner }) ?? null,
    afterUpdate: (after) => {
      const step = { ...after.step, radius: after.step.state.rho };
      const updated = afterInnerUpdate(inner, { ...after, step }, after.outcome.carry, step.state.inner);
      return { ...updated, state: { ...after.state, inner: updated.state } };
    },
    attach: (context) => inner.attach?.(context),
  };
}
