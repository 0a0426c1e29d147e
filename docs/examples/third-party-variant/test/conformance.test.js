import { describeVariant } from '@flatmin/conformance';
import lets from '@flatmin/lets';
import * as layers from '@flatmin/model-layers';
import '@tensorflow/tfjs'; // A backend, and the gradients of its operations.
import * as tf from '@tensorflow/tfjs-core';
import { describe, it } from 'node:test';
import linfSam from 'flatmin-linf-sam';

describeVariant(linfSam, {
  runner: { describe, it },
  lets, // C13: LETS wraps it, and its rho moves.
  layers, // C12: exact metrics and memory in model.fit.
  cases: {
    handWorked: [
      {
        // The gradient of 1/2 |w|^2 at (3, -4) is (3, -4), its sign (1, -1). At 0.5 times that away the gradient is
        // (3.5, -4.5), and SGD at 0.1 leaves (3 - 0.35, -4 + 0.45). Two weights move by 0.5 each: 0.5 sqrt(2) together.
        name: 'one step on 1/2 |w|^2',
        options: { rho: 0.5 },
        weights: { kernel: [3, -4] },
        loss:
          ({ kernel }) =>
          () =>
            tf.mul(0.5, tf.sum(tf.square(kernel))),
        steps: [
          {
            weights: { kernel: [2.65, -3.55] },
            metrics: { loss: 12.5, radius: 0.5, perturbationNorm: 0.5 * Math.SQRT2, gradientEvaluations: 2 },
          },
        ],
      },
    ],
    gradientEvaluations: 2,
    golden: [], // Your own references, once you have some: see "References" in the kit's README.
  },
});
