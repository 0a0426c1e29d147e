import { capture } from '@flatmin/graph';
import { describeVariant } from '@flatmin/conformance';
import letsPlugin from '@flatmin/lets';
import * as layers from '@flatmin/model-layers';
import { samPlugin } from '@flatmin/sam';
import * as tf from '@tensorflow/tfjs-core';
import { crSamPlugin } from './plugin.js';

/** L(w) = w1^3 / 9 - w2^3 / 3, whose gradient is (w1^2 / 3, -w2^2): its curvature changes along the way. */
const cubic =
  ({ kernel }: Readonly<Record<string, tf.Variable>>) =>
  (): tf.Scalar =>
    tf.sum(tf.mul([1 / 9, -1 / 3], tf.pow(kernel!, 3)));

describeVariant(crSamPlugin, {
  lets: letsPlugin,
  layers,
  graph: capture,
  plugins: [samPlugin],
  cases: {
    handWorked: [
      {
        // From (3, 2): g = (3, -4), of norm 5; epsilon = (0.3, -0.4). At (3.3, 1.6) gp = (3.63, -2.56), at (2.7, 2.4)
        // gm = (2.43, -5.76). gp + gm - 2 g = (0.06, -0.32), gp - gm = (1.2, 3.2), so the final gradient is
        // (3.63 + 0.03 + 0.24, -2.56 - 0.16 + 0.64) = (3.9, -2.08).
        name: 'both terms',
        options: { rho: 0.5, gamma: 0.5, beta: 0.2 },
        weights: { kernel: [3, 2] },
        loss: cubic,
        steps: [
          {
            weights: { kernel: [3 - 0.39, 2 + 0.208] },
            metrics: { loss: 1 / 3, radius: 0.5, perturbationNorm: 0.5, gradientEvaluations: 3 },
          },
        ],
      },
      {
        // The defaults of the official class: epsilon = (0.06, -0.08), gp = (3.1212, -3.6864), gm = (2.8812, -4.3264);
        // gp + gm - 2 g = (0.0024, -0.0128), gp - gm = (0.24, 0.64), a tenth of each.
        name: 'the defaults',
        weights: { kernel: [3, 2] },
        loss: cubic,
        steps: [
          {
            weights: { kernel: [3 - 0.1 * (3.1212 + 0.00024 + 0.024), 2 + 0.1 * (3.6864 + 0.00128 - 0.064)] },
            metrics: { radius: 0.1, perturbationNorm: 0.1 },
          },
        ],
      },
    ],
    degenerate: [
      { name: 'gamma 0 and beta 0', options: { rho: 0.2, gamma: 0, beta: 0 }, parent: { use: 'sam', rho: 0.2 } },
    ],
    gradientEvaluations: 3,
    invalid: [
      { name: 'a negative gamma', options: { gamma: -0.1 } },
      { name: 'a negative beta', options: { beta: -0.1 } },
    ],
    golden: ['cr-sam-momentum', 'cr-sam-adam'],
  },
});
