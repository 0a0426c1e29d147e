import * as tf from '@tensorflow/tfjs-core';

/**
 * Logits less their mean, divided by their length, for each example or position: (z - mean z) / max(||z - mean z||,
 * 1e-10). Two models that differ by a scale of their last layer alone have the same; what sharpness of cross-entropy
 * tells is mostly that scale otherwise (Andriushchenko et al., "A Modern Look at the Relationship between Sharpness and
 * Generalization", ICML 2023).
 */
export function normalizedLogits(logits: tf.Tensor): tf.Tensor {
  const centered = tf.sub(logits, tf.mean(logits, -1, true));
  // The square root has no slope at 0, where all logits are equal.
  const squared = tf.sum(tf.square(centered), -1, true);
  return tf.div(centered, tf.sqrt(tf.maximum(squared, 1e-20)));
}
