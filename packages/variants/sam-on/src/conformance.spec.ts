import { capture } from '@flatmin/graph';
import { describeVariant } from '@flatmin/conformance';
import letsPlugin from '@flatmin/lets';
import * as layers from '@flatmin/model-layers';
import { samPlugin } from '@flatmin/sam';
import * as tf from '@tensorflow/tfjs-core';
import { samOnPlugin } from './plugin.js';

/** L = 1/2 (k^2 g^2 + b^2) over kernel, gamma and beta: gradient (k g^2, k^2 g, b). */
const loss =
  ({ kernel, gamma, beta }: Readonly<Record<string, tf.Variable>>) =>
  (): tf.Scalar =>
    tf.mul(0.5, tf.sum(tf.add(tf.square(tf.mul(kernel!, gamma!)), tf.square(beta!))));
const weights = { kernel: [1], gamma: [3], beta: [4] };

describeVariant(samOnPlugin, {
  lets: letsPlugin,
  layers,
  graph: capture,
  plugins: [samPlugin],
  cases: {
    handWorked: [
      {
        // At (1, 3, 4): g = (9, 3, 4), P g = (0, 3, 4), of norm 5; epsilon = (0, 0.3, 0.4).
        // The gradient at (1, 3.3, 4.4) is (3.3^2, 3.3, 4.4), and SGD at 0.1 moves all three.
        name: 'normalization alone is perturbed, all is trained',
        options: { rho: 0.5 },
        weights,
        loss,
        steps: [
          {
            weights: { kernel: [1 - 1.089], gamma: [3 - 0.33], beta: [4 - 0.44] },
            metrics: { loss: 12.5, radius: 0.5, perturbationNorm: 0.5, gradientEvaluations: 2 },
          },
        ],
      },
      {
        // epsilon = (0, 0.5, 0.5): the gradient at (1, 3.5, 4.5) is (3.5^2, 3.5, 4.5).
        name: 'p infinity moves each number by rho',
        options: { rho: 0.5, p: 'infinity' },
        weights,
        loss,
        steps: [
          {
            weights: { kernel: [1 - 1.225], gamma: [3 - 0.35], beta: [4 - 0.45] },
            metrics: { perturbationNorm: 0.5 * Math.SQRT2 },
          },
        ],
      },
      {
        // P g = (9, 0, 0): epsilon = (0.5, 0, 0), the gradient at (1.5, 3, 4) is (13.5, 2.25 * 3, 4).
        name: 'the complement',
        options: { rho: 0.5, complement: true },
        weights,
        loss,
        steps: [{ weights: { kernel: [1 - 1.35], gamma: [3 - 0.675], beta: [4 - 0.4] } }],
      },
    ],
    gradientEvaluations: 2,
    invalid: [
      { name: 'p 1', options: { p: 1 } },
      { name: 'eta', options: { eta: 0.01 } },
    ],
    golden: ['sam-on-2-momentum', 'sam-on-inf-sgd'],
  },
});
