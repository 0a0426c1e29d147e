import * as tf from '@tensorflow/tfjs-core';

/**
 * SAM as people write it by hand in TensorFlow.js: the measure of what a library has to beat. It restores no batch-norm
 * statistics, has no epsilon under its norm and works with one loss at a time, all of which @flatmin/sam does right.
 *
 * @param {tf.Optimizer} base takes the step.
 * @param {number} rho
 * @returns {(loss: () => tf.Scalar, variables: tf.Variable[]) => tf.Scalar} a step; the loss is the caller's to
 *   dispose.
 */
export function naiveSam(base, rho) {
  return (loss, variables) =>
    tf.tidy(() => {
      const { value, grads } = tf.variableGrads(loss, variables);
      const gradients = variables.map(({ name }) => grads[name]);
      const norm = tf.sqrt(tf.addN(gradients.map((gradient) => tf.sum(tf.square(gradient)))));
      const factor = tf.div(rho, norm);
      const saved = variables.map((variable) => variable.clone());
      variables.forEach((variable, i) => variable.assign(tf.add(saved[i], tf.mul(gradients[i], factor))));
      const perturbed = tf.variableGrads(loss, variables).grads;
      variables.forEach((variable, i) => variable.assign(saved[i]));
      base.applyGradients(perturbed);
      return value;
    });
}
