import * as tf from '@tensorflow/tfjs-core';
import { type LossFunction, requireAccess } from './loss.js';
import type { PartPasses, BatchPart } from './parts.js';

/** d L / d outputs over parts of a batch, [batch, ...]: one forward pass each; no gradient by the weights is taken. */
export function gradientByOutputs(parts: readonly BatchPart[], eachPart: PartPasses, user: string): tf.Tensor {
  const gradients = eachPart(parts, ({ loss, share }) => {
    const through = requireAccess(loss, 'throughOutputs', user)();
    return tf.tidy(() => tf.mul(tf.grad((outputs) => through.loss(outputs))(through.outputs()), share));
  });
  return gradients.length === 1 ? (gradients[0] as tf.Tensor) : tf.concat(gradients, 0);
}

/**
 * The loss whose gradient at any weights is J^T v, J the Jacobian of the outputs there: <v, outputs>, plus the
 * regularizer of the loss. It splits as the loss does.
 *
 * @param v as the outputs, [batch, ...].
 */
export function alongOutputs(loss: LossFunction, v: tf.Tensor, user: string): LossFunction {
  const along = (): tf.Scalar => {
    const through = requireAccess(loss, 'throughOutputs', user)();
    const product = tf.sum<tf.Scalar>(tf.mul(through.outputs(), v));
    return through.regularizer === undefined ? product : tf.add(product, through.regularizer());
  };
  const size = v.shape[0] ?? 1;
  const split = (parts: number): readonly LossFunction[] => {
    let start = 0;
    return requireAccess(
      loss,
      'split',
      user,
    )(parts).map((part) => {
      const length = part.size ?? 1;
      const rows = tf.slice(v, start, length);
      start += length;
      // Parts are summed by their shares, length / size, which a sum over the batch does not have.
      return alongOutputs(part, tf.mul(rows, size / length), user);
    });
  };
  return Object.assign(along, { size, split });
}
