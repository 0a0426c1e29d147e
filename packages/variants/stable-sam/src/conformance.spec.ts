import { capture } from '@flatmin/graph';
import { describeVariant } from '@flatmin/conformance';
import letsPlugin from '@flatmin/lets';
import * as layers from '@flatmin/model-layers';
import { samPlugin } from '@flatmin/sam';
import * as tf from '@tensorflow/tfjs-core';
import { stableSamPlugin } from './plugin.js';

/** L(w) = 1/2 (w1^2 + 2 w2^2), whose gradient is (w1, 2 w2). */
const bowl =
  ({ kernel }: Readonly<Record<string, tf.Variable>>) =>
  (): tf.Scalar =>
    tf.mul(0.5, tf.sum(tf.mul([1, 2], tf.square(kernel!))));

describeVariant(stableSamPlugin, {
  lets: letsPlugin,
  layers,
  graph: capture,
  plugins: [samPlugin],
  cases: {
    options: { inner: { use: 'sam', rho: 0.05 } },
    handWorked: [
      {
        // From (3, 2): g = (3, 4), of norm 5; gp = (3.3, 4.8), of norm sqrt(33.93).
        name: 'around sam',
        options: { inner: { use: 'sam', rho: 0.5 } },
        weights: { kernel: [3, 2] },
        loss: bowl,
        steps: [
          {
            weights: { kernel: [3 - (0.1 * 3.3 * 5) / Math.sqrt(33.93), 2 - (0.1 * 4.8 * 5) / Math.sqrt(33.93)] },
            metrics: { loss: 8.5, radius: 0.5, perturbationNorm: 0.5, gradientEvaluations: 2 },
          },
        ],
      },
    ],
    // ||g|| / ||gp|| is 1 at rho 0, up to the rounding of a division.
    radiusZeroTolerance: 2e-6,
    gradientEvaluations: 2,
    golden: ['stable-sam-momentum'],
  },
});
