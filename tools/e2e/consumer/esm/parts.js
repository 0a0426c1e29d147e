// Packages installed one by one: a variant of ours, and LETS around a stranger's.
import { lets } from '@flatmin/lets';
import { sam } from '@flatmin/sam';
import * as tf from '@tensorflow/tfjs';
import { linfSam } from 'flatmin-linf-sam';

await tf.setBackend('cpu');
const x = tf.tensor2d([0.5, -1, 2, 1.5, 0.25, -0.75, -2, 1, 0.125], [3, 3]);
const y = tf.tensor2d([1, -2, 0.5], [3, 1]);

/** The loss and the radius of three steps of the optimizer that `create` makes. */
export function threeSteps(create) {
  const weights = tf.variable(tf.zeros([3, 1]));
  const loss = () => tf.losses.meanSquaredError(y, x.matMul(weights));
  const optimizer = create(loss);
  return [1, 2, 3].map(() => {
    optimizer.minimize(loss);
    return { loss: optimizer.lastStep.loss, radius: optimizer.radius };
  });
}

export const results = {
  sam: threeSteps(() => sam({ rho: 0.05, base: tf.train.sgd(0.1) })),
  lets: threeSteps((validationLoss) =>
    lets(linfSam({ rho: 0.01, base: tf.train.sgd(0.1) }), { preset: 'robust', validationLoss }),
  ),
};
console.log(JSON.stringify(results));
