import { describeVariant } from '@flatmin/conformance';
import lets from '@flatmin/lets';
import * as layers from '@flatmin/model-layers';
import sam from '@flatmin/sam';
import '@tensorflow/tfjs'; // A backend, and the gradients of its operations.
import * as tf from '@tensorflow/tfjs-core';
import { describe, it } from 'node:test';
import trustRadius from 'flatmin-trust-radius';

const bowl =
  ({ kernel }) =>
  () =>
    tf.mul(0.5, tf.sum(tf.square(kernel)));

/** SGD at 0.1 along the gradient at norm + rho: the norm of the weights becomes norm - 0.1 (norm + rho). */
const step = (weights, radius, radiusAfter) => ({
  weights: { kernel: weights },
  metrics: { radius, radiusAfter, perturbationNorm: radius, gradientEvaluations: 2 },
});

describeVariant(trustRadius, {
  runner: { describe, it },
  lets, // C13: LETS refuses by name what learns its rho itself.
  layers, // C12: exact metrics and memory in model.fit.
  plugins: [sam],
  cases: {
    handWorked: [
      {
        // On 1/2 |w|^2 the gradient is w: <gp, d> / <g, d> = (|w| + rho) / |w|, so the agreement is 1 - rho / (2 |w|):
        // 0.95 at |w| 5 and rho 0.5, 0.888 at 4.45 and 1, both above 0.75: rho doubles. 0.744 at 3.905 and 2: it stays.
        name: 'grows, and stays',
        options: { inner: { use: 'sam', rho: 0.5 } },
        weights: { kernel: [3, 4] },
        loss: bowl,
        steps: [step([2.67, 3.56], 0.5, 1), step([2.343, 3.124], 1, 2), step([1.9887, 2.6516], 2, 2)],
      },
      {
        // Agreement 1 - 2 / 2 = 0, below 0.25: a quarter of 2.
        name: 'shrinks',
        options: { inner: { use: 'sam', rho: 2 } },
        weights: { kernel: [0.6, 0.8] },
        loss: bowl,
        steps: [step([0.42, 0.56], 2, 0.5)],
      },
    ],
    degenerate: [
      {
        name: 'factors of 1',
        options: { grow: 1, shrink: 1, inner: { use: 'sam', rho: 0.1 } },
        parent: { use: 'sam', rho: 0.1 },
      },
    ],
    gradientEvaluations: 2,
    invalid: [
      { name: 'a schedule of rho', options: { inner: { use: 'sam', rho: { schedule: 'window', rho: 1 } } } },
      { name: 'a start above rhoMax', options: { rhoMax: 0.01, inner: { use: 'sam', rho: 0.1 } } },
    ],
    golden: [], // Your own references, once you have some: see "References" in the kit's README.
  },
});
