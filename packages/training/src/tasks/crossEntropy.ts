import { FlatminError } from '@flatmin/core';
import * as tf from '@tensorflow/tfjs-core';

/**
 * Softmax cross-entropy of each example, [batch].
 *
 * Finite for any finite logits, however large: the largest logit is subtracted before the exponential. Nine ops forward
 * and four backward (TF.js's own loss takes thirteen and nine): on small models the number of ops is the time of a
 * step.
 *
 * @param oneHot [batch, classes] float32. Encode once per batch: a SAM step asks for the loss twice and more.
 * @param logits [batch, classes] float32.
 * @throws FlatminError LOSS_INVALID, with both shapes, where they differ.
 */
export function crossEntropyPerExample(oneHot: tf.Tensor2D, logits: tf.Tensor2D): tf.Tensor1D {
  if (logits.rank !== 2 || oneHot.shape.join() !== logits.shape.join()) {
    throw new FlatminError(
      'LOSS_INVALID',
      `crossEntropyPerExample got targets of shape [${oneHot.shape.join(', ')}] and logits of shape [${logits.shape.join(', ')}]. ` +
        'Give both as [batch, classes]: encodeLabels(y, classes) makes targets of class indices.',
    );
  }
  const forward = tf.customGrad((...args) => {
    const [z, save] = args as unknown as [tf.Tensor2D, tf.GradSaveFunc];
    const shifted = tf.sub(z, tf.max(z, 1, true));
    const exponential = tf.exp(shifted);
    const total = tf.sum(exponential, 1, true);
    const perExample = tf.sub(tf.log(tf.squeeze(total, [1])), tf.sum(tf.mul(shifted, oneHot), 1));
    save([exponential, total, oneHot]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor => {
      const [exp, sum, target] = saved as [tf.Tensor, tf.Tensor, tf.Tensor];
      return tf.mul(tf.sub(tf.div(exp, sum), target), tf.expandDims(dy, 1));
    };
    return { value: perExample, gradFunc };
  });
  return forward(logits) as tf.Tensor1D;
}

/**
 * Class indices [batch] as rows with a one, float32: what {@link crossEntropyPerExample} takes.
 *
 * @param smoothing the share of each row that all classes get alike (Szegedy et al. 2016, arXiv:1512.00567): the row is
 *   (1 - smoothing) one-hot + smoothing / classes. fairseq gives its share to the wrong classes alone: its 0.1 is 0.1
 *   (1 - 1 / classes) here.
 */
export function encodeLabels(y: tf.Tensor1D, classes: number, smoothing = 0): tf.Tensor2D {
  return tf.tidy(() => {
    // Not oneHot(..., 'float32'): the wasm backend writes the integer 1 into that, which reads as 1.4e-45.
    const oneHot = tf.cast(tf.oneHot(y, classes), 'float32') as tf.Tensor2D;
    return smoothing === 0 ? oneHot : tf.add(tf.mul(oneHot, 1 - smoothing), smoothing / classes);
  });
}
