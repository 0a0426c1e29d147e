import { describeVariant } from '@flatmin/conformance';
import letsPlugin from '@flatmin/lets';
import * as layers from '@flatmin/model-layers';
import * as tf from '@tensorflow/tfjs-core';
import { msamPlugin } from './plugin.js';

describeVariant(msamPlugin, {
  lets: letsPlugin,
  layers,
  cases: {
    bases: [
      { use: 'momentum', learningRate: 0.1, momentum: 0.5 },
      { use: 'adam', learningRate: 0.01 },
      { use: 'adamax', learningRate: 0.01 },
    ],
    withoutOffset: { rho: 0 },
    handWorked: [
      {
        // Loss 1/2 |w|^2 from (3, 4). Step 0: v = 0, the gradient is (3, 4); v = (3, 4), w = (3, 4) - 0.1 v = (2.7, 3.6).
        // Step 1: the offset is -0.5 (3, 4) / 5 = (-0.3, -0.4), the gradient there (2.4, 3.2), the loss 1/2 4^2 = 8;
        // v = 0.5 (3, 4) + (2.4, 3.2) = (3.9, 5.2), w = (2.7, 3.6) - 0.1 v = (2.31, 3.08).
        name: 'two steps on 1/2 |w|^2',
        options: { rho: 0.5 },
        weights: { kernel: [3], bias: [4] },
        loss:
          ({ kernel, bias }) =>
          () =>
            tf.mul(0.5, tf.add(tf.sum(tf.square(kernel!)), tf.sum(tf.square(bias!)))),
        steps: [
          {
            weights: { kernel: [2.7], bias: [3.6] },
            figures: { loss: 12.5, radius: 0.5, perturbationNorm: 0, gradientEvaluations: 1 },
          },
          {
            weights: { kernel: [2.31], bias: [3.08] },
            figures: { loss: 8, perturbedLoss: 8, perturbationNorm: 0.5, gradientEvaluations: 1 },
          },
        ],
      },
    ],
    gradientEvaluations: 1,
    golden: ['msam-momentum'],
  },
});
