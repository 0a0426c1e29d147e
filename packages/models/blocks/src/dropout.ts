import { FlatminError, lossRandom, RandomStream } from '@flatmin/core';
import { uniformNumbers } from '@flatmin/core/internal';
import { show } from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';

/** A layer that leaves out some of its input while a model trains, and nothing else. */
export type Dropout = (x: tf.Tensor, training: boolean) => tf.Tensor;

/** Calls in training that no step of flatmin's made, of all layers. */
let callsOutside = 0;

/**
 * Dropout (Srivastava et al. 2014): in training each value becomes 0 with probability `rate`, and is otherwise divided
 * by 1 - rate, so that its mean does not change.
 *
 * The mask is a function of the optimizer's seed, the step and the layer: all passes of a step see the same mask, so
 * that a SAM step differentiates one function, and steps that run as graphs or after a resume draw the same masks as
 * otherwise. In a pass outside a step, each call draws another mask.
 *
 * Cost: 5 ops forward and 1 backward in training; none without, or at rate 0.
 *
 * @param place the place of this layer in the model, such as `weights.at('dropout1')`: it makes no variables there, but
 *   its path distinguishes its masks from those of other layers.
 * @param rate at least 0 and below 1.
 * @throws FlatminError SPEC_INVALID for another rate.
 * @example
 * ```ts
 * const drop = dropout(weights.at('dropout1'), 0.1);
 * const y = drop(x, training);
 * ```
 */
export function dropout({ path }: { readonly path: string }, rate: number): Dropout {
  if (!(rate >= 0 && rate < 1)) {
    throw new FlatminError(
      'SPEC_INVALID',
      `dropout: the rate is ${show(rate)}. Give a number of at least 0 and below 1.`,
    );
  }
  if (rate === 0) return (x) => x;
  return (x, training) => (training ? tf.mul(x, mask(maskRandom().at(path), x.shape, rate)) : x);
}

/** Of the step; where there is none, of its own for each call. */
function maskRandom(): RandomStream {
  return (lossRandom() ?? new RandomStream(0).at('outside').at(callsOutside++)).at('dropout');
}

/** 1 / (1 - rate) with probability 1 - rate, else 0. */
function mask(random: RandomStream, shape: readonly number[], rate: number): tf.Tensor {
  return tf.tidy(() => {
    const kept = tf.greaterEqual(uniformNumbers(random, shape), rate);
    return tf.mul(tf.cast(kept, 'float32'), 1 / (1 - rate));
  });
}
