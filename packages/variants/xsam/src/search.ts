import { type Evaluate, weightedSum } from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';
import type { Plane } from './plane.js';

/** Where alpha is searched for. */
export interface SearchSettings {
  /** How far from the weights. */
  readonly rhoMax: number;
  readonly alphaMax: number;
  readonly alphaDelta: number;
}

/** 0, alphaDelta, ... up to alphaMax. */
export function gridOf({ alphaMax, alphaDelta }: Omit<SearchSettings, 'rhoMax'>): readonly number[] {
  // As the official code: what rounding puts beyond alphaMax belongs to it.
  const count = Math.ceil((alphaMax + 1e-5) / alphaDelta);
  return Array.from({ length: count }, (_, i) => i * alphaDelta);
}

/** The first alpha of the grid that maximizes the loss at theta + rhoMax d(alpha): forward passes, not read back. */
export function searchedAlpha(evaluate: Evaluate, plane: Plane, search: SearchSettings): tf.Scalar {
  const grid = tf.tensor1d([...gridOf(search)]);
  const [ofOffset, ofGradient] = plane.factors(grid, search.rhoMax).map((each) => tf.unstack(each) as tf.Scalar[]);
  const only = plane.offset.map(() => false); // No gradient of anything: the loss alone.
  const losses = (ofOffset as tf.Scalar[]).map((factor, i) =>
    tf.tidy(() => {
      const shift = weightedSum(factor, plane.offset, ofGradient?.[i] as tf.Scalar, plane.gradient);
      return evaluate({ shift, only }).loss; // The plane is of offsets as they were taken: nothing scales it again.
    }),
  );
  const all = tf.stack(losses);
  // An argmax of equal losses is any of them on some backends. The grid rises, so the first is the smallest.
  return tf.min(tf.where(tf.equal(all, tf.max(all)), grid, tf.max(grid)));
}
