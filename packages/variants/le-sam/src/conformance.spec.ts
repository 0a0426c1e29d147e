import { capture } from '@flatmin/graph';
import { describeVariant } from '@flatmin/conformance';
import letsPlugin from '@flatmin/lets';
import * as layers from '@flatmin/model-layers';
import { samPlugin } from '@flatmin/sam';
import * as tf from '@tensorflow/tfjs-core';
import { leSamPlugin } from './plugin.js';

/** L(w) = 1/2 (w1^2 + 2 w2^2), whose gradient is (w1, 2 w2). */
const bowl =
  ({ kernel }: Readonly<Record<string, tf.Variable>>) =>
  (): tf.Scalar =>
    tf.mul(0.5, tf.sum(tf.mul([1, 2], tf.square(kernel!))));

describeVariant(leSamPlugin, {
  lets: letsPlugin,
  layers,
  graph: capture,
  plugins: [samPlugin],
  cases: {
    options: { sigma: 0.1, rhoMax: 1 },
    handWorked: [
      {
        // From (3, 2): g = (3, 4), of norm 5: rho_t = 2.5 / 5 = 0.5, epsilon = (0.3, 0.4), gp = (3.3, 4.8).
        name: 'below the cap',
        options: { sigma: 2.5, rhoMax: 1 },
        weights: { kernel: [3, 2] },
        loss: bowl,
        steps: [
          {
            weights: { kernel: [2.67, 1.52] },
            metrics: { loss: 8.5, radius: 0.5, perturbationNorm: 0.5, capped: 0, gradientEvaluations: 2 },
          },
        ],
      },
      {
        // 10 / 5 is above the cap: epsilon = 1 g / 5 = (0.6, 0.8), gp = (3.6, 5.6).
        name: 'at the cap',
        options: { sigma: 10, rhoMax: 1 },
        weights: { kernel: [3, 2] },
        loss: bowl,
        steps: [{ weights: { kernel: [2.64, 1.44] }, metrics: { radius: 1, perturbationNorm: 1, capped: 1 } }],
      },
      {
        // c = 5 doubles what sigma is divided by: rho_t = 2.5 / 10.
        name: 'c',
        options: { sigma: 2.5, rhoMax: 1, epsilon: 5 },
        weights: { kernel: [3, 2] },
        loss: bowl,
        steps: [{ weights: { kernel: [3 - 0.315, 2 - 0.44] }, metrics: { radius: 0.25, capped: 0 } }],
      },
    ],
    degenerate: [{ name: 'always capped', options: { sigma: 1e6, rhoMax: 0.2 }, parent: { use: 'sam', rho: 0.2 } }],
    gradientEvaluations: 2,
    invalid: [
      { name: 'no sigma', options: { sigma: undefined } },
      { name: 'no rhoMax', options: { rhoMax: undefined } },
      { name: 'a cap of 0', options: { rhoMax: 0 } },
      { name: 'rho', options: { rho: 0.1 } },
    ],
    golden: ['le-sam-sgd'],
  },
});
