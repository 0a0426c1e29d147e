import { capture } from '@flatmin/graph';
import { describeVariant } from '@flatmin/conformance';
import letsPlugin from '@flatmin/lets';
import * as layers from '@flatmin/model-layers';
import { samPlugin } from '@flatmin/sam';
import * as tf from '@tensorflow/tfjs-core';
import { gsamPlugin } from './plugin.js';

/** L(w) = 1/2 (w1^2 + 2 w2^2), whose gradient is (w1, 2 w2). */
const bowl =
  ({ kernel }: Readonly<Record<string, tf.Variable>>) =>
  (): tf.Scalar =>
    tf.mul(0.5, tf.sum(tf.mul([1, 2], tf.square(kernel!))));

describeVariant(gsamPlugin, {
  lets: letsPlugin,
  layers,
  graph: capture,
  plugins: [samPlugin],
  cases: {
    handWorked: [
      {
        // From (3, 2): g = (3, 4), of norm 5; epsilon = 0.5 g / 5 = (0.3, 0.4); gp = (3.3, 4.8), <gp, gp> = 33.93,
        // <g, gp> = 29.1. g_perp = g - (29.1 / 33.93) gp.
        name: 'half of the orthogonal part',
        options: { rho: 0.5, alpha: 0.5 },
        weights: { kernel: [3, 2] },
        loss: bowl,
        steps: [
          {
            weights: {
              kernel: [
                3 - 0.1 * (3.3 - 0.5 * (3 - (29.1 / 33.93) * 3.3)),
                2 - 0.1 * (4.8 - 0.5 * (4 - (29.1 / 33.93) * 4.8)),
              ],
            },
            metrics: { loss: 8.5, radius: 0.5, perturbationNorm: 0.5, gradientEvaluations: 2 },
          },
        ],
      },
    ],
    degenerate: [{ name: 'alpha 0', options: { rho: 0.2, alpha: 0 }, parent: { use: 'sam', rho: 0.2 } }],
    // At rho 0 the part of g orthogonal to itself is what rounding leaves of it.
    radiusZeroTolerance: 2e-6,
    gradientEvaluations: 2,
    invalid: [{ name: 'a negative alpha', options: { alpha: -0.1 } }],
    golden: ['gsam-momentum', 'gsam-schedule-sgd', 'gsam-adam'],
  },
});
