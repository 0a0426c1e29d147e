import { capture } from '@flatmin/graph';
import { describeVariant } from '@flatmin/conformance';
import letsPlugin from '@flatmin/lets';
import * as layers from '@flatmin/model-layers';
import { samPlugin } from '@flatmin/sam';
import * as tf from '@tensorflow/tfjs-core';
import { vassoPlugin } from './plugin.js';

/** L(w) = 1/2 (w1^2 + 2 w2^2), whose gradient is (w1, 2 w2). */
const bowl =
  ({ kernel }: Readonly<Record<string, tf.Variable>>) =>
  (): tf.Scalar =>
    tf.mul(0.5, tf.sum(tf.mul([1, 2], tf.square(kernel!))));

describeVariant(vassoPlugin, {
  lets: letsPlugin,
  layers,
  graph: capture,
  plugins: [samPlugin],
  cases: {
    handWorked: [
      {
        // Step 0 from (3, 2): d = g = (3, 4), gp = (3.3, 4.8), and SGD leaves (2.67, 1.52).
        // Step 1: g = (2.67, 3.04), d = 0.75 (3, 4) + 0.25 g = (2.9175, 3.76), of norm sqrt(22.64940625).
        name: 'two steps',
        options: { rho: 0.5, theta: 0.25 },
        weights: { kernel: [3, 2] },
        loss: bowl,
        steps: [
          { weights: { kernel: [2.67, 1.52] }, metrics: { loss: 8.5, perturbationNorm: 0.5, gradientEvaluations: 2 } },
          {
            weights: {
              kernel: [
                2.67 - 0.1 * (2.67 + (0.5 * 2.9175) / Math.sqrt(22.64940625)),
                1.52 - 0.1 * (3.04 + (0.5 * 2 * 3.76) / Math.sqrt(22.64940625)),
              ],
            },
            metrics: { perturbationNorm: 0.5 },
          },
        ],
      },
    ],
    degenerate: [{ name: 'theta 1', options: { rho: 0.2, theta: 1 }, parent: { use: 'sam', rho: 0.2 } }],
    gradientEvaluations: 2,
    invalid: [
      { name: 'theta 0', options: { theta: 0 } },
      { name: 'theta above 1', options: { theta: 1.1 } },
    ],
    golden: ['vasso-momentum'],
  },
});
