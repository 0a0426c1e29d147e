import { asamPlugin } from '@flatmin/asam';
import { capture } from '@flatmin/graph';
import { describeVariant } from '@flatmin/conformance';
import letsPlugin from '@flatmin/lets';
import * as layers from '@flatmin/model-layers';
import { rstPlugin } from '@flatmin/rst';
import { samPlugin } from '@flatmin/sam';
import * as tf from '@tensorflow/tfjs-core';
import { lookSamPlugin } from './plugin.js';

const inner = { use: 'sam', rho: 0.5 };
const asam = { use: 'asam', rho: 0.5 };
/** The reuse step of a tensor whose gradient is (g1, g2) and whose stored component has this direction; SGD at 0.1. */
const reused = (w: [number, number], g: [number, number], length: number, direction: [number, number]) => [
  w[0] - 0.1 * (g[0] + length * direction[0]),
  w[1] - 0.1 * (g[1] + length * direction[1]),
];

describeVariant(lookSamPlugin, {
  lets: letsPlugin,
  layers,
  graph: capture,
  plugins: [samPlugin, asamPlugin, rstPlugin],
  cases: {
    options: { k: 3 },
    handWorked: [
      {
        // Per tensor, loss 1/2 (a1^2 + 2 a2^2 + b1^2 + 3 b2^2) from a = (3, 2), b = (4, 1): g = (3, 4 | 4, 3), of norm
        // sqrt(50); rho is a tenth of it, so ghat = (3.3, 4.8 | 4.4, 3.9). gv = (-0.192, 0.144 | -0.288, 0.384), with
        // the directions (-0.8, 0.6 | -0.6, 0.8). SGD leaves (2.67, 1.52 | 3.56, 0.61), where g = (2.67, 3.04 | 3.56,
        // 1.83).
        name: 'layerwise',
        options: { k: 2, alpha: 0.7, layerwise: true, inner: { use: 'sam', rho: Math.sqrt(0.5) } },
        weights: { kernel: [3, 2], bias: [4, 1] },
        loss:
          ({ kernel, bias }) =>
          () =>
            tf.mul(0.5, tf.add(tf.sum(tf.mul([1, 2], tf.square(kernel!))), tf.sum(tf.mul([1, 3], tf.square(bias!))))),
        steps: [
          {
            weights: { kernel: [2.67, 1.52], bias: [3.56, 0.61] },
            metrics: { branch: 'sam', gradientEvaluations: 2, perturbationNorm: Math.sqrt(0.5) },
          },
          {
            weights: {
              kernel: reused([2.67, 1.52], [2.67, 3.04], 0.7 * Math.hypot(2.67, 3.04), [-0.8, 0.6]),
              bias: reused([3.56, 0.61], [3.56, 1.83], 0.7 * Math.hypot(3.56, 1.83), [-0.6, 0.8]),
            },
            metrics: { branch: 'reuse', radius: null, perturbationNorm: null, gradientEvaluations: 1 },
          },
        ],
        tolerance: 5e-6,
      },
    ],
    degenerate: [
      { name: 'k 1', options: { k: 1, inner }, parent: inner },
      { name: 'k 1 over asam', options: { k: 1, inner: asam }, parent: asam },
      // A refresh every third step, the base alone in between: what RST does with these coins.
      { name: 'alpha 0', options: { alpha: 0, inner }, parent: { use: 'rst', coins: [1, 0, 0], inner } },
      {
        name: 'alpha 0 over asam',
        options: { alpha: 0, inner: asam },
        parent: { use: 'rst', coins: [1, 0, 0], inner: asam },
      },
      { name: 'over what never perturbs', options: { inner: { use: 'rst', p: 0 } }, parent: 'base' },
    ],
    gradientEvaluations: [
      { name: 'k 3', options: { k: 3 }, perStep: [2, 1, 1, 2, 1, 1] },
      { name: 'over a gate', options: { k: 1, inner: { use: 'rst', coins: [0, 1, 0] } }, perStep: [1, 2, 1, 1, 2] },
    ],
    invalid: [{ name: 'k 0', options: { k: 0 } }],
    golden: ['looksam-momentum', 'looksam-layerwise-momentum', 'looksam-asam-sgd', 'looksam-asam-layerwise-momentum'],
  },
});
