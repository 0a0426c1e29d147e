import { capture } from '@flatmin/graph';
import { describeVariant } from '@flatmin/conformance';
import letsPlugin from '@flatmin/lets';
import * as layers from '@flatmin/model-layers';
import { samPlugin } from '@flatmin/sam';
import * as tf from '@tensorflow/tfjs-core';
import { zsharpPlugin } from './plugin.js';

/** L(w) = 1/2 |w|^2 over both, whose gradient is w. */
const bowl =
  ({ kernel, bias }: Readonly<Record<string, tf.Variable>>) =>
  (): tf.Scalar =>
    tf.mul(0.5, tf.add(tf.sum(tf.square(kernel!)), tf.sum(tf.square(bias!))));

// The kernel's mean is 4, its distances from it 4, 3, 3, 10. Without the mean only 8 would stand out.
const weights = {
  kernel: [
    [8, 7],
    [7, -6],
  ],
  bias: [3, -7],
};

describeVariant(zsharpPlugin, {
  lets: letsPlugin,
  layers,
  graph: capture,
  plugins: [samPlugin],
  cases: {
    handWorked: [
      {
        // Percentile 50 of 3, 3, 4, 10 is at position 1.5, where it is 3.5: 8 and -6 are kept, of norm 10, and moved by
        // 0.5 (0.8, -0.6). The bias moves by 0.5 (3, -7) / 16, as ||g||^2 = 198 + 58 = 256.
        name: 'each tensor',
        options: { rho: 0.5, percentile: 50 },
        weights,
        loss: bowl,
        steps: [
          {
            weights: {
              kernel: [
                [7.2 - 0.04, 6.3],
                [6.3, -5.4 + 0.03],
              ],
              bias: [2.7 - 0.009375, -6.3 + 0.021875],
            },
            metrics: {
              loss: 128,
              radius: 0.5,
              perturbationNorm: 0.5 * Math.sqrt(1 + 58 / 256),
              gradientEvaluations: 2,
            },
          },
        ],
      },
      {
        // Percentile 60 is at position 1.8, between the same two: the same entries, and with the bias a norm of
        // sqrt(100 + 58).
        name: 'one norm',
        options: { rho: 0.5, percentile: 60, normalization: 'global' },
        weights,
        loss: bowl,
        steps: [
          {
            weights: {
              kernel: [
                [7.2 - (0.05 * 8) / Math.sqrt(158), 6.3],
                [6.3, -5.4 + (0.05 * 6) / Math.sqrt(158)],
              ],
              bias: [2.7 - (0.05 * 3) / Math.sqrt(158), -6.3 + (0.05 * 7) / Math.sqrt(158)],
            },
            metrics: { loss: 128, radius: 0.5, perturbationNorm: 0.5 },
          },
        ],
      },
      {
        // Percentile 95 is at position 2.85, between 4 and 10: -6 alone, moved by 0.5.
        name: 'the official percentile',
        options: { rho: 0.5 },
        weights,
        loss: bowl,
        steps: [
          {
            weights: {
              kernel: [
                [7.2, 6.3],
                [6.3, -5.4 + 0.05],
              ],
              bias: [2.7 - 0.009375, -6.3 + 0.021875],
            },
            metrics: { perturbationNorm: 0.5 * Math.sqrt(1 + 58 / 256) },
          },
        ],
      },
    ],
    // Above the largest there is nothing: each tensor falls back to its part of the whole gradient.
    degenerate: [{ name: 'percentile 100', options: { rho: 0.2, percentile: 100 }, parent: { use: 'sam', rho: 0.2 } }],
    gradientEvaluations: 2,
    invalid: [
      { name: 'a percentile of 101', options: { percentile: 101 } },
      { name: 'a negative percentile', options: { percentile: -1 } },
      { name: 'another normalization', options: { normalization: 'layer' } },
    ],
    golden: ['zsharp-momentum', 'zsharp-95-adam', 'zsharp-global-sgd'],
  },
});
