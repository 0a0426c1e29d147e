import { capture } from '@flatmin/graph';
import { describeVariant } from '@flatmin/conformance';
import letsPlugin from '@flatmin/lets';
import * as layers from '@flatmin/model-layers';
import { samPlugin } from '@flatmin/sam';
import * as tf from '@tensorflow/tfjs-core';
import { usamPlugin } from '@flatmin/usam';
import { samSpsPlugin } from './plugin.js';

/** L(w) = 1/2 (w1^2 + 2 w2^2), whose gradient is (w1, 2 w2). */
const bowl =
  ({ kernel }: Readonly<Record<string, tf.Variable>>) =>
  (): tf.Scalar =>
    tf.mul(0.5, tf.sum(tf.mul([1, 2], tf.square(kernel!))));

/** The official form: the step size is all there is. */
const base = { use: 'sgd', learningRate: 1 };

describeVariant(samSpsPlugin, {
  lets: letsPlugin,
  layers,
  graph: capture,
  plugins: [samPlugin, usamPlugin],
  exempt: { 'C2 rho 0': 'at rho 0 it is SGD with Polyak step sizes, not the base' },
  cases: {
    handWorked: [
      {
        // From (3, 2): g = (3, 4), epsilon = (0.3, 0.4), ghat = (3.3, 4.8), ||ghat||^2 = 33.93. The loss at (3.3, 2.4)
        // is 5.445 + 5.76 = 11.205, <ghat, epsilon> = 0.99 + 1.92 = 2.91: (11.205 - 1.5 - 2.91) / 33.93.
        name: 'as SAM',
        options: { rho: 0.5, lowerBound: 1.5 },
        base,
        weights: { kernel: [3, 2] },
        loss: bowl,
        steps: [
          {
            weights: { kernel: [3 - 3.3 * (6.795 / 33.93), 2 - 4.8 * (6.795 / 33.93)] },
            metrics: {
              loss: 8.5,
              perturbedLoss: 11.205,
              radius: 0.5,
              perturbationNorm: 0.5,
              stepSize: 6.795 / 33.93,
              capped: 0,
              gradientEvaluations: 2,
            },
          },
        ],
        tolerance: 2e-6,
      },
      {
        // The factor is 0.5 (0.75 + 0.25 / 5) = 0.4: epsilon = (1.2, 1.6), ghat = (4.2, 7.2), ||ghat||^2 = 69.48. The
        // loss at (4.2, 3.6) is 8.82 + 12.96 = 21.78, <ghat, epsilon> = 5.04 + 11.52 = 16.56. It is at 0.1.
        name: 'a quarter of SAM, at a tenth of the step',
        options: { rho: 0.5, lambda: 0.25 },
        weights: { kernel: [3, 2] },
        loss: bowl,
        steps: [
          {
            weights: { kernel: [3 - 0.42 * (5.22 / 69.48), 2 - 0.72 * (5.22 / 69.48)] },
            metrics: { stepSize: 5.22 / 69.48, capped: 0, perturbationNorm: 2 },
          },
        ],
      },
      {
        name: 'a step size of gammaMax, where more is asked for',
        options: { rho: 0.5, gammaMax: 0.125 },
        base,
        weights: { kernel: [3, 2] },
        loss: bowl,
        steps: [
          { weights: { kernel: [3 - 3.3 / 8, 2 - 4.8 / 8] }, metrics: { stepSize: 0.125, capped: 1, radius: 0.5 } },
        ],
      },
      {
        name: 'a step size of 0, where the loss is below the bound',
        options: { rho: 0.5, lowerBound: 9 },
        base,
        weights: { kernel: [3, 2] },
        loss: bowl,
        steps: [{ weights: { kernel: [3, 2] }, metrics: { loss: 8.5, stepSize: 0, capped: 0 } }],
      },
    ],
    // A bound this low asks for more than gammaMax at every step.
    degenerate: [
      { name: 'always capped at 1', options: { rho: 0.2, lowerBound: -1e9 }, parent: { use: 'sam', rho: 0.2 } },
      {
        name: 'always capped at 1, lambda 0',
        options: { rho: 0.2, lambda: 0, lowerBound: -1e9 },
        parent: { use: 'usam', rho: 0.2 },
      },
    ],
    gradientEvaluations: 2,
    invalid: [
      { name: 'a lambda above 1', options: { lambda: 1.1 } },
      { name: 'a gammaMax of 0', options: { gammaMax: 0 } },
      { name: 'no lower bound', options: { lowerBound: -Infinity } },
    ],
    golden: ['sam-sps', 'sam-sps-lambda'],
  },
});
