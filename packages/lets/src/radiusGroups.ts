import { FlatminError } from '@flatmin/core';
import {
  axpy,
  layerOf,
  type ParameterInfo,
  type projectOut,
  squaredNorm,
  type VariantMetrics,
  type WeightVector,
} from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';
import type { RadiusState } from './upper.js';

/** What has a radius of its own: the variables of a role, or of a layer. */
export type Grouping = 'role' | 'layer';

/** <a_i, b_i> of each variable. */
export function dots(a: WeightVector, b: WeightVector): tf.Tensor1D {
  return tf.stack(
    a.map((tensor, i) =>
      tensor === b[i] ? squaredNorm([tensor]) : tf.tidy(() => tf.sum(tf.mul(tensor, b[i] as tf.Tensor))),
    ),
  ) as tf.Tensor1D;
}

/**
 * Which variables share a radius. Radii are kept one per variable, those of a group alike: the state then has as many
 * as there are weights, and a sum over a group is a product with the matrix of who is with whom.
 */
export class RadiusGroups {
  /** The name of each group, and its first variable. */
  readonly #first: ReadonlyMap<string, number>;
  readonly #together: tf.Tensor2D;

  constructor(grouping: Grouping, parameters: readonly ParameterInfo[]) {
    const keys = parameters.map(({ name, role }) => (grouping === 'role' ? role : layerOf(name)));
    this.#first = new Map(keys.map((key, i): [string, number] => [key, i]).reverse());
    this.#together = tf.tensor2d(keys.map((key) => keys.map((other) => Number(key === other))));
  }

  /** Of each variable, the sum over its group. */
  sum(each: tf.Tensor1D): tf.Tensor1D {
    return tf.squeeze(tf.matMul(this.#together, tf.expandDims(each, 1)), [1]);
  }

  /** `vector` less its component along `along`, group by group; the largest squared length of `along` in a group. */
  readonly projectOut: typeof projectOut = (vector, along) => {
    const squared = this.sum(dots(along, along));
    const share = tf.unstack(tf.div(this.sum(dots(along, vector)), tf.sub(-1e-20, squared))) as tf.Scalar[];
    const rest = vector.flatMap((each, i) => axpy(share[i] as tf.Scalar, [along[i] as tf.Tensor], [each]));
    return { rest, squaredLength: tf.max(squared) };
  };

  /** Metrics of a radius each: `name/group`. */
  metrics(name: string, radii: tf.Tensor): VariantMetrics {
    const each = tf.unstack(radii) as tf.Scalar[];
    return Object.fromEntries([...this.#first].map(([group, i]) => [`${name}/${group}`, each[i] as tf.Scalar]));
  }
}

/** The one radius that stands for all: the geometric mean over the variables. */
export const meanRadius = (rho: tf.Tensor): tf.Scalar =>
  rho.rank === 0 ? (rho as tf.Scalar) : tf.exp(tf.mean(tf.log(rho)));

/** Radii whose mean is `to`, in the proportions of these. */
export const ofMean = (rho: tf.Tensor, to: tf.Scalar): RadiusState['rho'] =>
  rho.rank === 0 ? to : tf.mul(rho, tf.div(to, meanRadius(rho)));

/** Radii that are kept for another number of variables than the step has. */
export function refuseOthers(rho: tf.Tensor, weights: WeightVector, id: string): void {
  if (rho.size === weights.length) return;
  throw new FlatminError(
    'VARIABLES_CHANGED',
    `${id} keeps the radii of ${rho.size} variables, and this step has ${weights.length}. Create a new optimizer for the other model.`,
  );
}
