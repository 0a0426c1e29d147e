import { capture } from '@flatmin/graph';
import { describeVariant } from '@flatmin/conformance';
import letsPlugin from '@flatmin/lets';
import * as layers from '@flatmin/model-layers';
import { samPlugin } from '@flatmin/sam';
import * as tf from '@tensorflow/tfjs-core';
import { usamPlugin } from './plugin.js';

/** L(w) = 1/2 (w1^2 + 2 w2^2), whose gradient is (w1, 2 w2). */
const bowl =
  ({ kernel }: Readonly<Record<string, tf.Variable>>) =>
  (): tf.Scalar =>
    tf.mul(0.5, tf.sum(tf.mul([1, 2], tf.square(kernel!))));

describeVariant(usamPlugin, {
  lets: letsPlugin,
  layers,
  graph: capture,
  plugins: [samPlugin],
  cases: {
    handWorked: [
      {
        // From (3, 2): g = (3, 4), epsilon = 0.1 g = (0.3, 0.4), of norm 0.5; gp = (3.3, 4.8).
        name: 'one step',
        options: { rho: 0.1 },
        weights: { kernel: [3, 2] },
        loss: bowl,
        steps: [
          {
            weights: { kernel: [2.67, 1.52] },
            metrics: { loss: 8.5, radius: 0.1, perturbationNorm: 0.5, gradientEvaluations: 2 },
          },
        ],
      },
      {
        // g = (3, 4) of norm 5: the factor is 0.5 (0.75 + 0.25 / 5) = 0.4, so epsilon = (1.2, 1.6) and gp = (4.2, 7.2).
        name: 'a quarter of SAM',
        options: { rho: 0.5, lambda: 0.25 },
        weights: { kernel: [3, 2] },
        loss: bowl,
        steps: [{ weights: { kernel: [2.58, 1.28] }, metrics: { loss: 8.5, radius: 0.5, perturbationNorm: 2 } }],
      },
      {
        // t = 1: SAM, epsilon = 0.5 (3, 4) / 5 = (0.3, 0.4), gp = (3.3, 4.8). t = 2: the gradient at (2.67, 1.52) is
        // (2.67, 3.04), the factor 0.5 (1 / 2 + 1 / 2 / ||g||). t = 3 would have thirds.
        name: 'from SAM to USAM',
        options: { rho: 0.5, lambda: '1/t' },
        weights: { kernel: [3, 2] },
        loss: bowl,
        steps: [
          { weights: { kernel: [2.67, 1.52] }, metrics: { perturbationNorm: 0.5 } },
          {
            weights: {
              kernel: [
                2.67 * (1 - 0.1 * (1 + 0.25 + 0.25 / Math.hypot(2.67, 3.04))),
                1.52 * (1 - 0.2 * (1 + 2 * (0.25 + 0.25 / Math.hypot(2.67, 3.04)))),
              ],
            },
            metrics: { perturbationNorm: 0.25 * Math.hypot(2.67, 3.04) + 0.25 },
          },
        ],
      },
      {
        // t = 1: USAM, epsilon = 0.1 (3, 4), gp = (3.3, 4.8). t = 2: halves.
        name: 'from USAM to SAM',
        options: { rho: 0.1, lambda: '1-1/t' },
        weights: { kernel: [3, 2] },
        loss: bowl,
        steps: [
          { weights: { kernel: [2.67, 1.52] }, metrics: { perturbationNorm: 0.5 } },
          {
            weights: {
              kernel: [
                2.67 * (1 - 0.1 * (1 + 0.05 + 0.05 / Math.hypot(2.67, 3.04))),
                1.52 * (1 - 0.2 * (1 + 2 * (0.05 + 0.05 / Math.hypot(2.67, 3.04)))),
              ],
            },
            metrics: { perturbationNorm: 0.05 * Math.hypot(2.67, 3.04) + 0.05 },
          },
        ],
      },
    ],
    degenerate: [
      { name: 'lambda 0', options: { rho: 0.2, lambda: 0 }, parent: { use: 'usam', rho: 0.2 } },
      { name: 'lambda 1', options: { rho: 0.2, lambda: 1 }, parent: { use: 'sam', rho: 0.2 } },
    ],
    gradientEvaluations: 2,
    invalid: [
      { name: 'a lambda above 1', options: { lambda: 1.1 } },
      { name: 'a negative lambda', options: { lambda: -0.1 } },
      { name: 'another schedule', options: { lambda: 't' } },
    ],
    golden: ['usam-sgd', 'usam-lambda-sgd', 'usam-lambda-momentum'],
  },
});
