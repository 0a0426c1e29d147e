import { capture } from '@flatmin/graph';
import { describeVariant } from '@flatmin/conformance';
import letsPlugin from '@flatmin/lets';
import * as layers from '@flatmin/model-layers';
import { samPlugin } from '@flatmin/sam';
import * as tf from '@tensorflow/tfjs-core';
import { wsamPlugin } from './plugin.js';

/** L(w) = 1/2 (w1^2 + 2 w2^2), whose gradient is (w1, 2 w2). */
const bowl =
  ({ kernel }: Readonly<Record<string, tf.Variable>>) =>
  (): tf.Scalar =>
    tf.mul(0.5, tf.sum(tf.mul([1, 2], tf.square(kernel!))));

describeVariant(wsamPlugin, {
  lets: letsPlugin,
  layers,
  graph: capture,
  plugins: [samPlugin],
  cases: {
    handWorked: [
      {
        // From (3, 2): g = (3, 4), gp = (3.3, 4.8), a = 0.75 / 0.25 = 3. SGD steps with g, then 0.1 * 3 (gp - g) =
        // (0.09, 0.24).
        name: 'decoupled',
        options: { rho: 0.5, gamma: 0.75 },
        weights: { kernel: [3, 2] },
        loss: bowl,
        steps: [
          {
            weights: { kernel: [3 - 0.3 - 0.09, 2 - 0.4 - 0.24] },
            metrics: { loss: 8.5, radius: 0.5, perturbationNorm: 0.5, gradientEvaluations: 2 },
          },
        ],
      },
      {
        // The base gets a gp + (1 - a) g = 3 (3.3, 4.8) - 2 (3, 4) = (3.9, 6.4).
        name: 'coupled',
        options: { rho: 0.5, gamma: 0.75, decouple: false },
        weights: { kernel: [3, 2] },
        loss: bowl,
        steps: [{ weights: { kernel: [3 - 0.39, 2 - 0.64] }, metrics: { loss: 8.5 } }],
      },
    ],
    degenerate: [
      { name: 'gamma 0', options: { gamma: 0 }, parent: 'base' },
      { name: 'gamma 0, coupled', options: { gamma: 0, decouple: false }, parent: 'base' },
      {
        name: 'gamma 0.5, coupled',
        options: { rho: 0.2, gamma: 0.5, decouple: false },
        parent: { use: 'sam', rho: 0.2 },
      },
    ],
    gradientEvaluations: 2,
    invalid: [
      { name: 'gamma 1', options: { gamma: 1 } },
      { name: 'a negative gamma', options: { gamma: -0.1 } },
    ],
    golden: ['wsam-decoupled-sgd', 'wsam-decoupled-momentum', 'wsam-coupled-momentum'],
  },
});
