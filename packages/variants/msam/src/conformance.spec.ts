import { capture } from '@flatmin/graph';
import { describeVariant, type HandWorkedCase } from '@flatmin/conformance';
import letsPlugin from '@flatmin/lets';
import * as layers from '@flatmin/model-layers';
import * as tf from '@tensorflow/tfjs-core';
import { msamPlugin } from './plugin.js';

const bases = [
  { use: 'momentum', learningRate: 0.1, momentum: 0.5 },
  { use: 'adam', learningRate: 0.01 },
  { use: 'adamax', learningRate: 0.01 },
];

/**
 * Loss 1/2 |w|^2 from (3, 4). Step 0: v = 0, the gradient is (3, 4); v = (3, 4), w = (3, 4) - 0.1 v = (2.7, 3.6), of
 * loss 1/2 4.5^2. Step 1: the offset is -0.5 (3, 4) / 5 = (-0.3, -0.4), the gradient there (2.4, 3.2), the loss 1/2 4^2
 * = 8; v = 0.5 (3, 4) + (2.4, 3.2) = (3.9, 5.2), w = (2.7, 3.6) - 0.1 v = (2.31, 3.08).
 */
const twoSteps = (secondLoss: number): HandWorkedCase => ({
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
      metrics: { loss: 12.5, radius: 0.5, perturbationNorm: 0, gradientEvaluations: 1 },
    },
    {
      weights: { kernel: [2.31], bias: [3.08] },
      metrics: { loss: secondLoss, perturbedLoss: 8, perturbationNorm: 0.5, gradientEvaluations: 1 },
    },
  ],
});

const setup = { lets: letsPlugin, layers, graph: capture };
const common = { bases, gradientEvaluations: 1 };

describeVariant(msamPlugin, {
  ...setup,
  cases: { ...common, handWorked: [twoSteps(10.125)], golden: ['msam-momentum', 'msam-adam'] },
});

// Without the forward pass at the weights, whose loss the reference has.
describeVariant(msamPlugin, {
  ...setup,
  cases: {
    ...common,
    options: { cleanLoss: false },
    withoutOffset: { rho: 0 },
    handWorked: [twoSteps(8)],
    golden: [],
  },
});
