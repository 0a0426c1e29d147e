import { asamPlugin } from '@flatmin/asam';
import { capture } from '@flatmin/graph';
import { describeVariant } from '@flatmin/conformance';
import letsPlugin from '@flatmin/lets';
import * as layers from '@flatmin/model-layers';
import { lookSamPlugin } from '@flatmin/looksam';
import { rstPlugin } from '@flatmin/rst';
import { samPlugin } from '@flatmin/sam';
import * as tf from '@tensorflow/tfjs-core';
import { aeSamPlugin } from './plugin.js';

const inner = { use: 'sam', rho: 0.5 };
const asam = { use: 'asam', rho: 0.5 };
const always = { lambda1: -1e9, lambda2: -1e9 };
const never = { lambda1: 1e9, lambda2: 1e9 };

describeVariant(aeSamPlugin, {
  lets: letsPlugin,
  layers,
  graph: capture,
  plugins: [samPlugin, asamPlugin, rstPlugin, lookSamPlugin],
  cases: {
    handWorked: [
      {
        // Loss 1/2 |w|^2 from (3, 4), delta 1/2, mu = var = 0, c from 2 to -1 over 2 steps. Step 0: ||g||^2 = 25, mu =
        // 12.5, var = 12.5^2 / 2 = 78.125, threshold 12.5 + 2 sqrt(78.125), above 25: a plain step to (2.7, 3.6). Step
        // 1:
        // ||g||^2 = 20.25, mu = 16.375, var = 39.0625 + 3.875^2 / 2 = 46.5703125, c = 1/2, threshold 19.787: the norm
        // is global, 4.5, so the gradient at the offset 0.5 g / 4.5 is g 5 / 4.5 = (3, 4).
        name: 'a plain step, then a sharp one',
        options: { delta: 0.5, mu0: 0, var0: 0, lambda1: -1, lambda2: 2, totalSteps: 2, inner },
        weights: { kernel: [3], bias: [4] },
        loss:
          ({ kernel, bias }) =>
          () =>
            tf.mul(0.5, tf.add(tf.sum(tf.square(kernel!)), tf.sum(tf.square(bias!)))),
        steps: [
          {
            weights: { kernel: [2.7], bias: [3.6] },
            metrics: {
              branch: 'base',
              squaredNorm: 25,
              threshold: 12.5 + 2 * Math.sqrt(78.125),
              radius: null,
              gradientEvaluations: 1,
            },
          },
          {
            weights: { kernel: [2.4], bias: [3.2] },
            metrics: {
              branch: 'sam',
              squaredNorm: 20.25,
              threshold: 16.375 + 0.5 * Math.sqrt(46.5703125),
              radius: 0.5,
              perturbationNorm: 0.5,
              gradientEvaluations: 2,
            },
          },
        ],
        tolerance: 5e-6,
      },
    ],
    degenerate: [
      { name: 'always sharp', options: { ...always, inner }, parent: inner },
      { name: 'never sharp', options: { ...never, inner }, parent: 'base' },
      { name: 'always sharp, over asam', options: { ...always, inner: asam }, parent: asam },
      { name: 'never sharp, over asam', options: { ...never, inner: asam }, parent: 'base' },
      {
        name: 'always sharp, over another gate',
        options: { ...always, inner: { use: 'looksam', k: 3, inner } },
        parent: { use: 'looksam', k: 3, inner },
      },
    ],
    gradientEvaluations: [
      { name: 'always sharp', options: always, perStep: [2, 2, 2] },
      { name: 'never sharp', options: never, perStep: [1, 1, 1] },
      { name: 'sharp from step 3', options: { lambda1: -1, lambda2: 1e9, totalSteps: 3 }, perStep: [1, 1, 1, 2] },
    ],
    invalid: [{ name: 'delta 1', options: { delta: 1 } }],
    golden: ['ae-sam-sgd'],
  },
});
