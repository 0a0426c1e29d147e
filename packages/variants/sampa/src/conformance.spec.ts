import { capture } from '@flatmin/graph';
import { describeVariant, type HandWorkedCase } from '@flatmin/conformance';
import { lossOfBatch } from '@flatmin/core';
import letsPlugin from '@flatmin/lets';
import * as layers from '@flatmin/model-layers';
import * as tf from '@tensorflow/tfjs-core';
import { sampaPlugin } from './plugin.js';

/** 1/2 |w - x|^2, of one example x = 0: the gradient is w. */
const bowl: HandWorkedCase['loss'] = ({ kernel }) =>
  lossOfBatch(
    (x) => tf.mul<tf.Tensor1D>(0.5, tf.sum(tf.square(tf.sub(kernel!, x)), 1)),
    tf.zeros([1, 2]),
    tf.zeros([1]),
  );

const setup = { lets: letsPlugin, layers, graph: capture };
const exempt = {
  'C2 rho 0': 'without an offset a share of lambda of the gradient is still taken at y; lambda 0 is a degenerate case',
};
const invalid = [
  { name: 'a lambda above 1', options: { lambda: 1.1 } },
  { name: 'a negative lambda', options: { lambda: -0.1 } },
  { name: 'a batch to come', options: { perturbedBatch: 'next' } },
];
const gradientEvaluations = [
  { perStep: [1, 2, 2, 2] },
  { name: 'every 2', options: { every: 2 }, perStep: [1, 1, 2, 1] },
  { name: 'lambda 0', options: { lambda: 0 }, perStep: [1, 2, 2] },
  { name: 'two parts', options: { microBatches: 2 }, perStep: [2, 4, 4] },
];

/** On one batch, the previous one is the same. */
const handWorked: readonly HandWorkedCase[] = [
  {
    // Step 0: both gradients at (3, 4): w = (2.7, 3.6), c = (3, 4).
    // Step 1: ghat at w + 0.5 c / 5 = (3, 4) is (3, 4); y = w - 0.1 c = (2.4, 3.2) = the new c;
    // 0.75 ghat + 0.25 c = (2.85, 3.8), and w = (2.415, 3.22).
    // Step 2: ghat = w + 0.5 c / 4 = (2.715, 3.62); y = w - 0.1 c = (2.175, 2.9); 0.75 ghat + 0.25 y = (2.58, 3.44).
    name: 'three steps on 1/2 |w|^2 with SGD',
    options: { rho: 0.5, lambda: 0.25 },
    weights: { kernel: [3, 4] },
    loss: bowl,
    steps: [
      {
        weights: { kernel: [2.7, 3.6] },
        metrics: { loss: 12.5, radius: null, perturbationNorm: null, branch: 'base', gradientEvaluations: 1 },
      },
      {
        weights: { kernel: [2.415, 3.22] },
        metrics: {
          ...{ loss: 10.125, perturbedLoss: 12.5, radius: 0.5, perturbationNorm: 0.5 },
          ...{ branch: 'sam', gradientEvaluations: 2 },
        },
      },
      { weights: { kernel: [2.157, 2.876] }, metrics: { perturbationNorm: 0.5 } },
    ],
  },
  {
    // Step 1: v = (3, 4), so y = w - 0.1 (c + 0.5 v) = (2.7, 3.6) - (0.45, 0.6) = (2.25, 3); 0.75 (3, 4) + 0.25 y =
    // (2.8125, 3.75); v = 0.5 (3, 4) + that = (4.3125, 5.75).
    name: 'two steps on 1/2 |w|^2 with momentum',
    options: { rho: 0.5, lambda: 0.25 },
    base: { use: 'momentum', learningRate: 0.1, momentum: 0.5 },
    weights: { kernel: [3, 4] },
    loss: bowl,
    steps: [{ weights: { kernel: [2.7, 3.6] } }, { weights: { kernel: [2.26875, 3.025] } }],
  },
];

describeVariant(sampaPlugin, {
  ...setup,
  exempt,
  cases: { handWorked, gradientEvaluations, invalid, golden: ['sampa-momentum', 'sampa-sgd'] },
});

describeVariant(sampaPlugin, {
  ...setup,
  exempt,
  cases: {
    options: { perturbedBatch: 'current' },
    handWorked,
    degenerate: [{ name: 'lambda 0 and rho 0', options: { lambda: 0, rho: 0 }, parent: 'base' }],
    gradientEvaluations,
    invalid,
    golden: ['sampa-current-batch-momentum', 'sampa-current-batch-sgd'],
  },
});
