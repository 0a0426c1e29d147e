import * as tf from '@tensorflow/tfjs-core';

/**
 * The Gaussian error linear unit (Hendrycks & Gimpel 2016, arXiv:1606.08415), x Phi(x) = x (1 + erf(x / sqrt 2)) / 2,
 * in its exact form.
 *
 * Cost: five ops forward, seven for the gradient x phi(x) + Phi(x), where TensorFlow.js would take 15.
 */
export function gelu<T extends tf.Tensor>(x: T): T {
  // What a custom gradient saves is cut off from the tape: within a second derivative each op counts for itself.
  if (tf.engine().state.gradientDepth > 1) return tf.mul(x, cumulative(x));
  const withGradient = tf.customGrad((...given) => {
    const save = given.pop() as tf.GradSaveFunc;
    const below = cumulative(x);
    save([x, below]);
    return { value: tf.mul(x, below), gradFunc: gradient };
  });
  return withGradient(x) as T;
}

function gradient(dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor {
  const [x, below] = saved as [tf.Tensor, tf.Tensor];
  const density = tf.mul(tf.exp(tf.mul(tf.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
  return tf.mul(dy, tf.add(below, tf.mul(x, density)));
}

/** Phi(x): how much of a standard normal distribution is below x. */
function cumulative(x: tf.Tensor): tf.Tensor {
  return tf.add(tf.mul(tf.erf(tf.mul(x, Math.SQRT1_2)), 0.5), 0.5);
}
