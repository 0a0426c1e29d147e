import { capture } from '@flatmin/graph';
import { describeVariant } from '@flatmin/conformance';
import letsPlugin from '@flatmin/lets';
import * as layers from '@flatmin/model-layers';
import * as tf from '@tensorflow/tfjs-core';
import { samPlugin } from './plugin.js';

describeVariant(samPlugin, {
  lets: letsPlugin,
  layers,
  graph: capture,
  cases: {
    handWorked: [
      {
        // Loss 1/2 |w|^2: the gradient is w = (3, 4), of norm 5; the offset is 0.5 (3, 4) / 5 = (0.3, 0.4); the
        // gradient there is (3.3, 4.4), and SGD at 0.1 leaves (3 - 0.33, 4 - 0.44). The norm is global: over both
        // variables.
        name: 'one step on 1/2 |w|^2',
        options: { rho: 0.5 },
        weights: { kernel: [3], bias: [4] },
        loss:
          ({ kernel, bias }) =>
          () =>
            tf.mul(0.5, tf.add(tf.sum(tf.square(kernel!)), tf.sum(tf.square(bias!)))),
        steps: [
          {
            weights: { kernel: [2.67], bias: [3.56] },
            metrics: { loss: 12.5, radius: 0.5, perturbationNorm: 0.5, gradientEvaluations: 2 },
          },
        ],
      },
      {
        // Loss 1/2 (w1^2 + 4 w2^2) from (3, 1): the gradient is (3, 4). First ascent, rho 0.5: to (3.3, 1.4), where the
        // gradient is (3.3, 5.6), of norm 6.5. Second ascent of the same length: offset
        // 0.5 (3/5 + 3.3/6.5, 4/5 + 5.6/6.5), gradient there (3 + o1, 4 (1 + o2)).
        name: 'two ascents',
        options: { rho: 0.5, ascentSteps: 2 },
        weights: { kernel: [3, 1] },
        loss:
          ({ kernel }) =>
          () =>
            tf.mul(0.5, tf.sum(tf.mul([1, 4], tf.square(kernel!)))),
        steps: [
          {
            weights: {
              kernel: [3 - 0.1 * (3 + 0.5 * (3 / 5 + 3.3 / 6.5)), 1 - 0.1 * 4 * (1 + 0.5 * (4 / 5 + 5.6 / 6.5))],
            },
            metrics: { loss: 6.5, gradientEvaluations: 3 },
          },
        ],
      },
    ],
    degenerate: [
      { name: 'one ascent, one part', options: { ascentSteps: 1, microBatches: 1 }, parent: { use: 'sam' } },
    ],
    gradientEvaluations: 2,
    golden: [
      'sam-sgd',
      'sam-momentum',
      'sam-adam',
      'sam-rho0-momentum',
      'sam-rho0-adam',
      'sam-multistep-sgd',
      'sam-msharpness-sgd',
    ],
  },
});
