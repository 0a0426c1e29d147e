import { capture } from '@flatmin/graph';
import { type HandWorkedCase, describeVariant } from '@flatmin/conformance';
import { lossOfBatch } from '@flatmin/core';
import letsPlugin from '@flatmin/lets';
import * as layers from '@flatmin/model-layers';
import { samPlugin } from '@flatmin/sam';
import * as tf from '@tensorflow/tfjs-core';
import { esamPlugin } from './plugin.js';

const setup = { lets: letsPlugin, layers, graph: capture, plugins: [samPlugin] };
let examples: tf.Tensor1D | undefined;

const handWorked: HandWorkedCase[] = [
  {
    // Per example 1/2 (w - x)^2 at w = 2 for x = 0, 1, 5, 4: g = 2 - 2.5, so the offset is -0.5. Losses 2, 0.5, 4.5, 2
    // become 1.125, 0.125, 6.125, 3.125: the largest increases are those of 5 and 4, whose gradient at 1.5 is 1.5 - 4.5
    // = -3.
    name: 'half of the examples',
    options: { rho: 0.5, beta: 1, gamma: 0.5 },
    weights: { kernel: 2 },
    loss: ({ kernel }) => {
      examples ??= tf.tensor1d([0, 1, 5, 4]);
      const perExample = (x: tf.Tensor1D) => tf.mul<tf.Tensor1D>(0.5, tf.square(tf.sub(kernel!, x)));
      return lossOfBatch(perExample, examples, examples);
    },
    steps: [{ weights: { kernel: 2.3 }, metrics: { loss: 2.25, perturbationNorm: 0.5, gradientEvaluations: 2 } }],
  },
  {
    // 1/2 |w|^2 from (3) and (4). With the seed 5 the first step keeps the kernel alone, whose norm is then its own:
    // the offset is rho / beta = 0.5 of the kernel, ghat = (3.5, 4). The second keeps the bias: ghat = (2.65, 3.6 +
    // 0.5).
    name: 'one tensor of two',
    options: { rho: 0.25, beta: 0.5, gamma: 1, seed: 5 },
    weights: { kernel: [3], bias: [4] },
    loss:
      ({ kernel, bias }) =>
      () =>
        tf.mul(0.5, tf.add(tf.sum(tf.square(kernel!)), tf.sum(tf.square(bias!)))),
    steps: [
      {
        weights: { kernel: [2.65], bias: [3.6] },
        metrics: { loss: 12.5, radius: 0.25, perturbationNorm: 0.5, gradientEvaluations: 2 },
      },
      { weights: { kernel: [2.385], bias: [3.19] }, metrics: { perturbationNorm: 0.5 } },
    ],
  },
];

const gradientEvaluations = [
  { options: { seed: 1 }, perStep: [2, 2, 2, 2] },
  { name: 'a first step that keeps no tensor', options: { seed: 0 }, perStep: [1, 2, 2] },
];

// Some of the tensors, on all examples.
describeVariant(esamPlugin, {
  ...setup,
  cases: {
    options: { beta: 0.6 },
    handWorked,
    degenerate: [
      { name: 'beta 1, gamma 1', options: { beta: 1, gamma: 1, rho: 0.2 }, parent: { use: 'sam', rho: 0.2 } },
    ],
    gradientEvaluations,
    invalid: [
      { name: 'beta 0', options: { beta: 0 } },
      { name: 'gamma above 1', options: { gamma: 1.5 } },
    ],
    golden: ['esam-momentum'],
  },
});

// And on some of the examples.
describeVariant(esamPlugin, {
  ...setup,
  exempt: { 'C2 rho 0': 'the second gradient is of some examples, those whose loss rises most, at rho 0 too' },
  cases: { options: { beta: 0.6, gamma: 0.5 }, handWorked, gradientEvaluations, golden: ['esam-momentum'] },
});
