import { adamwPlugin } from '@flatmin/base-optimizers';
import { capture } from '@flatmin/graph';
import { describeVariant } from '@flatmin/conformance';
import letsPlugin from '@flatmin/lets';
import * as layers from '@flatmin/model-layers';
import { samPlugin } from '@flatmin/sam';
import * as tf from '@tensorflow/tfjs-core';
import { fsamPlugin } from './plugin.js';

/** L(w) = 1/2 (w1^2 + 2 w2^2), whose gradient is (w1, 2 w2). */
const bowl =
  ({ kernel }: Readonly<Record<string, tf.Variable>>) =>
  (): tf.Scalar =>
    tf.mul(0.5, tf.sum(tf.mul([1, 2], tf.square(kernel!))));

describeVariant(fsamPlugin, {
  lets: letsPlugin,
  layers,
  graph: capture,
  plugins: [samPlugin, adamwPlugin],
  cases: {
    handWorked: [
      {
        // Step 0 from (3, 2): d = m = g = (3, 4), gp = (3.3, 4.8), and SGD leaves (2.67, 1.52).
        // Step 1: g = (2.67, 3.04), d = g - 0.5 m = (1.17, 1.04), of norm sqrt(2.4505); gp = (2.67 + e1, 2 (1.52 +
        // e2)).
        name: 'two steps',
        options: { rho: 0.5, sigma: 0.5, lambda: 0.9 },
        weights: { kernel: [3, 2] },
        loss: bowl,
        steps: [
          { weights: { kernel: [2.67, 1.52] }, metrics: { loss: 8.5, perturbationNorm: 0.5, gradientEvaluations: 2 } },
          {
            weights: {
              kernel: [
                2.67 - 0.1 * (2.67 + (0.5 * 1.17) / Math.sqrt(2.4505)),
                1.52 - 0.1 * (3.04 + (0.5 * 2 * 1.04) / Math.sqrt(2.4505)),
              ],
            },
            metrics: { perturbationNorm: 0.5 },
          },
        ],
      },
    ],
    degenerate: [{ name: 'sigma 0', options: { rho: 0.2, sigma: 0 }, parent: { use: 'sam', rho: 0.2 } }],
    gradientEvaluations: 2,
    invalid: [
      { name: 'a negative sigma', options: { sigma: -1 } },
      { name: 'lambda 1', options: { lambda: 1 } },
    ],
    golden: ['fsam-momentum', 'fsam-adamw'],
  },
});
