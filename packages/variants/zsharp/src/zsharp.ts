import {
  ascend,
  norm,
  normEpsilon,
  ofLength,
  scale,
  type SharpnessVariant,
  type WeightVector,
} from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';

/** The options of the algorithm; rho is an argument of each step. */
export interface ZsharpSettings {
  /** Of the entries of a tensor, by |z|, those above this percentile are kept. */
  readonly percentile: number;
  /** What is scaled to the length rho: each filtered tensor, or all of them together. */
  readonly normalization: 'tensor' | 'global';
}

/** Biases, scales and shifts are not filtered. */
const isFiltered = ({ rank }: tf.Tensor): boolean => rank >= 2;

/**
 * The entries of a tensor whose |z|, z = (g - mean) / std, is above its quantile at `percentile`, the others 0. The
 * standard deviation is the same on both sides, so it is left out. And what is above the interpolated quantile at
 * position q (n - 1) is what is above the sorted value at its floor: no number lies between the two. That one comes
 * from a selection on the device, of the largest n - floor.
 */
function standingOut(g: tf.Tensor, percentile: number): tf.Tensor {
  return tf.tidy(() => {
    const distance = tf.abs(tf.sub(g, tf.mean(g)));
    // The product first: 0.29 * 100 is less than 29.
    const below = Math.floor((percentile * (g.size - 1)) / 100);
    const largest = tf.topk(tf.reshape(distance, [g.size]), g.size - below, false).values;
    return tf.where(tf.greater(distance, tf.min(largest)), g, tf.zerosLike(g));
  });
}

/** `kept` scaled to the length rho; `otherwise` where nothing was kept. */
function ofLengthOr(kept: WeightVector, rho: tf.Scalar, otherwise: WeightVector): WeightVector {
  const length = norm(kept);
  const scaled = scale(kept, tf.div(rho, tf.add(length, normEpsilon)));
  return scaled.map((each, i) => tf.where(tf.greater(length, 0), each, otherwise[i] as tf.Tensor));
}

/** The offset of the filtered gradient. */
function offsetOf(g: WeightVector, rho: tf.Scalar, { percentile, normalization }: ZsharpSettings): WeightVector {
  const whole = ofLength(g, rho);
  const kept = g.map((tensor) => (isFiltered(tensor) ? standingOut(tensor, percentile) : tensor));
  if (normalization === 'global') return ofLengthOr(kept, rho, whole);
  // Each matrix has the full rho; what is not filtered is as long as in SAM.
  return whole.flatMap((part, i) => (isFiltered(part) ? ofLengthOr([kept[i] as tf.Tensor], rho, [part]) : [part]));
}

/** ZSharp as a variant: SAM along the entries of the gradient that stand out in their tensor. */
export function zsharpVariant(settings: ZsharpSettings): SharpnessVariant<unknown> {
  return {
    id: 'zsharp',
    radius: 'linear',
    graphKey: () => 'step',
    initialState: () => ({}),
    estimate: (step) => {
      const { loss, gradient: g } = step.evaluate();
      const { perturbed, ascent, metrics } = ascend(step, offsetOf(g, step.radius, settings));
      return { loss, gradient: perturbed, state: step.state, ascent, metrics };
    },
  };
}
