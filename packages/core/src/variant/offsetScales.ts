import * as tf from '@tensorflow/tfjs-core';
import type { EvaluationPoint, Step } from './variant.js';
import type { WeightVector } from '../tensors/weightVector.js';

/** Each variable's part by a factor of its own, of which there is one a variable: n + 1 ops. */
export function scaleEach(vector: WeightVector, factors: tf.Tensor1D): WeightVector {
  const each = tf.unstack(factors) as tf.Scalar[];
  return vector.map((tensor, i) => tf.mul(tensor, each[i] as tf.Scalar));
}

/**
 * A step whose offsets are others than a variant asks for, whatever the variant; what it evaluates says where it was.
 */
export function withOffsets<S>(step: Step<S>, change: (offset: WeightVector) => WeightVector): Step<S> {
  const changed = <P extends Pick<EvaluationPoint, 'offset'>>(at: P | undefined): P | undefined =>
    at?.offset === undefined ? at : { ...at, offset: change(at.offset) };
  return {
    ...step,
    evaluate: (at) => {
      const moved = changed(at);
      const evaluation = step.evaluate(moved);
      const offset = evaluation.offset ?? moved?.offset;
      return offset === undefined ? evaluation : { ...evaluation, offset };
    },
    evaluatePerExample: (at) => step.evaluatePerExample(changed(at)),
  };
}
