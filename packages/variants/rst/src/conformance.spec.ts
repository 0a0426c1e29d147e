import { asamPlugin } from '@flatmin/asam';
import { capture } from '@flatmin/graph';
import { describeVariant, type HandWorkedCase } from '@flatmin/conformance';
import letsPlugin from '@flatmin/lets';
import * as layers from '@flatmin/model-layers';
import { samPlugin } from '@flatmin/sam';
import * as tf from '@tensorflow/tfjs-core';
import { rstPlugin } from './plugin.js';

const inner = { use: 'sam', rho: 0.5 };
const problem: Pick<HandWorkedCase, 'weights' | 'loss'> = {
  weights: { kernel: [3], bias: [4] },
  loss:
    ({ kernel, bias }) =>
    () =>
      tf.mul(0.5, tf.add(tf.sum(tf.square(kernel!)), tf.sum(tf.square(bias!)))),
};

describeVariant(rstPlugin, {
  lets: letsPlugin,
  layers,
  graph: capture,
  plugins: [samPlugin, asamPlugin],
  cases: {
    handWorked: [
      {
        // SAM's step on 1/2 |w|^2 from (3, 4) leaves (2.67, 3.56); the plain step after it 0.9 of that.
        ...problem,
        name: 'a coin of each side',
        options: { coins: [1, 0], inner },
        steps: [
          {
            weights: { kernel: [2.67], bias: [3.56] },
            metrics: { branch: 'sam', loss: 12.5, radius: 0.5, perturbationNorm: 0.5, gradientEvaluations: 2 },
          },
          {
            weights: { kernel: [2.403], bias: [3.204] },
            metrics: { branch: 'base', radius: null, perturbationNorm: null, gradientEvaluations: 1 },
          },
        ],
      },
      {
        // Half of g = (3, 4), half of ghat = (3.3, 4.4): (3.15, 4.2).
        ...problem,
        name: 'gamma 1/2',
        options: { p: 1, gamma: 0.5, inner },
        steps: [{ weights: { kernel: [3 - 0.315], bias: [4 - 0.42] }, metrics: { gradientEvaluations: 2 } }],
      },
    ],
    degenerate: [
      { name: 'p 0', options: { p: 0 }, parent: 'base' },
      { name: 'p 1', options: { p: 1, inner }, parent: inner },
      { name: 'p 1 over asam', options: { p: 1, inner: { use: 'asam', rho: 0.5 } }, parent: { use: 'asam', rho: 0.5 } },
      { name: 'p 0 over asam', options: { p: 0, inner: { use: 'asam', rho: 0.5 } }, parent: 'base' },
      { name: 'gamma 0', options: { gamma: 0, inner }, parent: 'base' },
      { name: 'only ones', options: { coins: [1], inner }, parent: inner },
      { name: 'inside itself', options: { p: 1, inner: { use: 'rst', p: 1, inner } }, parent: inner },
    ],
    gradientEvaluations: [
      { name: 'coins', options: { coins: [1, 0, 0] }, perStep: [2, 1, 1, 2] },
      { name: 'gamma', options: { coins: [0, 1], gamma: 0.5 }, perStep: [1, 2, 1, 2] },
    ],
    invalid: [
      { name: 'p above 1', options: { p: 1.5 } },
      { name: 'p and coins', options: { p: 1, coins: [1] } },
    ],
    golden: ['rst-coins-momentum', 'rst-p0-sgd', 'rst-p1-sgd'],
  },
});
