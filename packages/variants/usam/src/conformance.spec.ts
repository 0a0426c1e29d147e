import { capture } from '@flatmin/graph';
import { describeVariant } from '@flatmin/conformance';
import letsPlugin from '@flatmin/lets';
import * as layers from '@flatmin/model-layers';
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
    ],
    gradientEvaluations: 2,
    golden: ['usam-sgd'],
  },
});
