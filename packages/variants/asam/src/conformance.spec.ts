import { capture } from '@flatmin/graph';
import { describeVariant } from '@flatmin/conformance';
import letsPlugin from '@flatmin/lets';
import * as layers from '@flatmin/model-layers';
import { samPlugin } from '@flatmin/sam';
import * as tf from '@tensorflow/tfjs-core';
import { asamPlugin } from './plugin.js';

describeVariant(asamPlugin, {
  lets: letsPlugin,
  layers,
  graph: capture,
  plugins: [samPlugin],
  cases: {
    handWorked: [
      {
        // Loss 1/2 |w|^2 + b from the kernel (3, -1) and the bias 2, eta 0: T = (3, 1) for the kernel and 1 for the
        // bias, the gradient is (3, -1) and 1, T g = (9, -1) and 1, of norm sqrt(83); the offset is
        // rho T^2 g / |T g| = 0.5 (27, -1) / sqrt(83) and 0.5 / sqrt(83).
        name: 'one step, eta 0, the bias unscaled',
        options: { rho: 0.5, eta: 0 },
        weights: { kernel: [3, -1], bias: [2] },
        loss:
          ({ kernel, bias }) =>
          () =>
            tf.add(tf.mul(0.5, tf.sum(tf.square(kernel!))), tf.sum(bias!)),
        steps: [
          {
            weights: {
              kernel: [3 - 0.1 * (3 + 13.5 / Math.sqrt(83)), -1 - 0.1 * (-1 - 0.5 / Math.sqrt(83))],
              bias: [2 - 0.1],
            },
            metrics: {
              loss: 7,
              perturbationNorm: (0.5 * Math.sqrt(27 ** 2 + 1 + 1)) / Math.sqrt(83),
              gradientEvaluations: 2,
            },
          },
        ],
      },
      {
        // A zero weight moves by eta alone: T = (eta, 1 + eta) = (0.5, 1.5), g = (1, 2), T g = (0.5, 3) of norm
        // sqrt(9.25), T^2 g = (0.25, 4.5). Loss w1 + w2^2 from (0, 1): the gradient at the offset is (1, 2 (1 + o2)).
        name: 'eta moves zero weights',
        options: { rho: 1, eta: 0.5 },
        weights: { kernel: [0, 1] },
        loss:
          ({ kernel }) =>
          () =>
            tf.sum(tf.add(tf.mul([1, 0], kernel!), tf.mul([0, 1], tf.square(kernel!)))),
        steps: [
          {
            weights: { kernel: [-0.1, 1 - 0.1 * 2 * (1 + 4.5 / Math.sqrt(9.25))] },
            metrics: { perturbationNorm: Math.sqrt((0.25 ** 2 + 4.5 ** 2) / 9.25) },
          },
        ],
      },
    ],
    degenerate: [
      { name: 'no role scaled', options: { rho: 0.2, adaptiveRoles: [] }, parent: { use: 'sam', rho: 0.2 } },
    ],
    gradientEvaluations: 2,
    golden: ['asam-sgd', 'asam-momentum'],
  },
});
