import * as tf from '@tensorflow/tfjs-core';
import type { EvaluationPoint, Step } from './variant.js';
import type { WeightVector } from '../tensors/weightVector.js';

/** A factor of each variable's part of an offset. */
export type OffsetScales = readonly (tf.Scalar | number)[];

/** s * vector, each variable's part by its own factor; a factor of 1 costs nothing. */
export function scaleEach(vector: WeightVector, scales: OffsetScales): WeightVector {
  return vector.map((tensor, i) => (scales[i] === 1 ? tensor : tf.mul(tensor, scales[i] as tf.Scalar | number)));
}

/**
 * A step whose offsets are taken s_i times as far in variable i, whatever the variant: a radius of its own for each
 * layer, where the variant asks for one. n ops for each evaluation with an offset.
 */
export function withOffsetScales<S>(step: Step<S>, scales: OffsetScales): Step<S> {
  const scaled = <P extends Pick<EvaluationPoint, 'offset'>>(at: P | undefined): P | undefined =>
    at?.offset === undefined ? at : { ...at, offset: scaleEach(at.offset, scales) };
  return {
    ...step,
    evaluate: (at) => step.evaluate(scaled(at)),
    evaluatePerExample: (at) => step.evaluatePerExample(scaled(at)),
  };
}
