import { capture } from '@flatmin/graph';
import { describeVariant, type HandWorkedCase } from '@flatmin/conformance';
import letsPlugin from '@flatmin/lets';
import * as layers from '@flatmin/model-layers';
import { samPlugin } from '@flatmin/sam';
import { describe } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { ssamPlugin } from './plugin.js';

// 1/2 |w|^2 from (3, 4): g = (3, 4), of norm 5; what is perturbed moves by 0.5 g / 5 = (0.3, 0.4), and its gradient
// with it.
const problem: Pick<HandWorkedCase, 'weights' | 'loss'> = {
  weights: { kernel: [3], bias: [4] },
  loss:
    ({ kernel, bias }) =>
    () =>
      tf.mul(0.5, tf.add(tf.sum(tf.square(kernel!)), tf.sum(tf.square(bias!)))),
};
const kernelOnly = {
  weights: { kernel: [2.67], bias: [3.6] },
  metrics: { loss: 12.5, radius: 0.5, perturbationNorm: 0.3, gradientEvaluations: 2 },
};
const biasOnly = { weights: { kernel: [2.7], bias: [3.56] }, metrics: { perturbationNorm: 0.4 } };

const shared = { lets: letsPlugin, layers, graph: capture, plugins: [samPlugin] };
const degenerate = (rule: string) => [
  { name: 'sparsity 0 is SAM', options: { mask: rule, sparsity: 0, rho: 0.2 }, parent: { use: 'sam', rho: 0.2 } },
  { name: 'sparsity 1 is the base', options: { mask: rule, sparsity: 1, rho: 0.2 }, parent: 'base' as const },
];
const full = [20, 5, 5, 5, 15, 3].map((length) => Array.from({ length }, () => 1));

describe('SSAM-F', () => {
  describeVariant(ssamPlugin, {
    ...shared,
    cases: {
      options: { sparsity: 0.5, refreshEvery: 3 },
      handWorked: [
        { ...problem, name: 'a mask that stays', options: { rho: 0.5, mask: [[1], [0]] }, steps: [kernelOnly] },
        // The squares are 9 and 16: half of two weights is the bias.
        { ...problem, name: 'half of the weights by the squared gradient', options: { rho: 0.5 }, steps: [biasOnly] },
      ],
      degenerate: [
        ...degenerate('fisher'),
        { name: 'a full mask is SAM', options: { mask: full, rho: 0.2 }, parent: { use: 'sam', rho: 0.2 } },
      ],
      gradientEvaluations: [
        { perStep: [2, 2, 2, 2] },
        { name: 'samples', options: { fisherSamples: 4, refreshEvery: 2 }, perStep: [6, 2, 6, 2, 6] },
        // A batch has 6 examples.
        { name: 'more samples than examples', options: { fisherSamples: 100, refreshEvery: 2 }, perStep: [8, 2, 8] },
      ],
      invalid: [
        { name: 'a mask of other numbers', options: { mask: [[0.5]] } },
        { name: 'a sparsity above 1', options: { sparsity: 1.1 } },
      ],
      golden: ['ssam-fixed-mask-momentum'],
    },
  });
});

describe('SSAM-D', () => {
  describeVariant(ssamPlugin, {
    ...shared,
    cases: {
      options: { mask: 'dynamic', sparsity: 0.5, refreshEvery: 2 },
      handWorked: [
        {
          ...problem,
          name: 'none perturbed',
          options: { rho: 0.5, sparsity: 1 },
          steps: [{ weights: { kernel: [2.7], bias: [3.6] } }],
        },
        {
          ...problem,
          name: 'all perturbed',
          options: { rho: 0.5, sparsity: 0 },
          steps: [{ weights: { kernel: [2.67], bias: [3.56] }, metrics: { perturbationNorm: 0.5 } }],
        },
      ],
      degenerate: degenerate('dynamic'),
      gradientEvaluations: 2,
      golden: [],
    },
  });
});
