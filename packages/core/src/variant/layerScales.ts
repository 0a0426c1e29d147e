import * as tf from '@tensorflow/tfjs-core';
import { scaleEach, withChangedOffsets } from './offsetScales.js';
import type { ParameterInfo } from './parameters.js';
import { halfSumOfSquares } from '../tensors/nativeOps.js';
import { normEpsilon, type WeightVector } from '../tensors/weightVector.js';
import type { SharpnessVariant } from './variant.js';

/** How an offset is spread over the variables; absent: as the variant has it. */
export const layerScales = ['spectral'] as const;
export type LayerScales = (typeof layerScales)[number];

/** sqrt(fan out / fan in): of a bias, a factor or the row of an embedding, fan in is 1. */
export function spectralScale({ shape, role }: ParameterInfo): number {
  const fanOut = shape.at(-1) ?? 1;
  const fanIn = role === 'embedding' ? 1 : shape.slice(0, -1).reduce((product, size) => product * size, 1);
  return Math.sqrt(fanOut / fanIn);
}

/** The offset with each variable's part as long as ||offset|| sqrt(fan out / fan in), in its own direction. */
export function spread(offset: WeightVector, parameters: readonly ParameterInfo[]): WeightVector {
  const squares = tf.mul(tf.stack(offset.map(halfSumOfSquares)), 2);
  const factors = tf.div(tf.sqrt(tf.sum(squares)), tf.add(tf.sqrt(squares), normEpsilon));
  return scaleEach(offset, tf.mul<tf.Tensor1D>(factors, parameters.map(spectralScale)));
}

/**
 * A variant whose perturbation reaches every layer however wide the net is. One norm over all weights leaves wide nets
 * perturbed in their last layer alone (Haas et al., "muP^2: Effective Sharpness Aware Minimization Requires Layerwise
 * Perturbation Scaling", NeurIPS 2024); their spectral condition asks for a perturbation of length
 * rho sqrt(fan out / fan in) in each matrix, and this gives it that Frobenius norm:
 *
 *     e_l = ||e|| sqrt(fan out_l / fan in_l) e_l / ||e_l||
 *
 * The direction stays free of rho, so LETS learns it, but for the diagonal estimate. 2 n + 9 ops for each evaluation
 * with an offset, and n + 3 for `perturbationNorm`.
 */
export function withLayerScales<S>(variant: SharpnessVariant<S>, scales: LayerScales | undefined): SharpnessVariant<S> {
  return scales === undefined ? variant : withChangedOffsets(variant, spread);
}
