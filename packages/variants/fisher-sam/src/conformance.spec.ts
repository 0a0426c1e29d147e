import { capture } from '@flatmin/graph';
import { describeVariant } from '@flatmin/conformance';
import letsPlugin from '@flatmin/lets';
import * as layers from '@flatmin/model-layers';
import { samPlugin } from '@flatmin/sam';
import * as tf from '@tensorflow/tfjs-core';
import { fisherSamPlugin } from './plugin.js';

/** L(w) = 1/2 (w1^2 + 2 w2^2), whose gradient is (w1, 2 w2). */
const bowl =
  ({ kernel }: Readonly<Record<string, tf.Variable>>) =>
  (): tf.Scalar =>
    tf.mul(0.5, tf.sum(tf.mul([1, 2], tf.square(kernel!))));

describeVariant(fisherSamPlugin, {
  lets: letsPlugin,
  layers,
  graph: capture,
  plugins: [samPlugin],
  cases: {
    handWorked: [
      {
        // From (3, 2): g = (3, 4), F = (1 + 3, 1 + 16 / 3) at eta 1/3: F^-1 g = (3/4, 12/19), and g^T F^-1 g = 9/4 +
        // 48/19.
        name: 'one step',
        options: { rho: 0.5, eta: 1 / 3 },
        weights: { kernel: [3, 2] },
        loss: bowl,
        steps: [
          {
            weights: {
              kernel: [
                3 - 0.1 * (3 + (0.5 * 3) / 4 / Math.sqrt(9 / 4 + 48 / 19)),
                2 - 0.1 * (4 + (0.5 * 2 * 12) / 19 / Math.sqrt(9 / 4 + 48 / 19)),
              ],
            },
            metrics: {
              loss: 8.5,
              radius: 0.5,
              perturbationNorm: (0.5 * Math.hypot(3 / 4, 12 / 19)) / Math.sqrt(9 / 4 + 48 / 19),
              gradientEvaluations: 2,
            },
          },
        ],
      },
    ],
    degenerate: [
      // The length of g is summed in another order than SAM's norm.
      { name: 'eta 0', options: { rho: 0.2, eta: 0 }, parent: { use: 'sam', rho: 0.2 }, tolerance: 2e-6 },
    ],
    gradientEvaluations: 2,
    invalid: [{ name: 'a negative eta', options: { eta: -1 } }],
    golden: ['fisher-sam-sgd'],
  },
});
