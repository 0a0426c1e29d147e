import { aeSamPlugin } from '@flatmin/ae-sam';
import { asamPlugin } from '@flatmin/asam';
import { capture } from '@flatmin/graph';
import { describeVariant } from '@flatmin/conformance';
import letsPlugin from '@flatmin/lets';
import * as layers from '@flatmin/model-layers';
import { lookSamPlugin } from '@flatmin/looksam';
import { samPlugin } from '@flatmin/sam';
import * as tf from '@tensorflow/tfjs-core';
import { aeLookSamPlugin } from './plugin.js';

const inner = { use: 'sam', rho: 0.5 };
const asam = { use: 'asam', rho: 0.5 };
const always = { lambda1: -1e9, lambda2: -1e9 };
const never = { lambda1: 1e9, lambda2: 1e9 };
const length = 0.5 * Math.hypot(2.67, 3.04);

describeVariant(aeLookSamPlugin, {
  lets: letsPlugin,
  layers,
  graph: capture,
  plugins: [samPlugin, asamPlugin, aeSamPlugin, lookSamPlugin],
  cases: {
    handWorked: [
      {
        // 1/2 (w1^2 + 2 w2^2) from (3, 2), g = (3, 4): ||g||^2 = 25, delta 1/2, mu = 12.5, c = 0: sharp. ghat = (3.3,
        // 4.8) leaves (2.67, 1.52) and gv = (-0.192, 0.144), of the direction (-0.8, 0.6). Then ||g||^2 = 16.3705, mu =
        // 14.43525 and var = (12.5^2 / 2 + 1.93525^2) / 2 = 40.935, c = 1e3 / 2: not sharp, g + 0.5 ||g|| (-0.8, 0.6)
        // goes to the base.
        name: 'a sharp step, then a reuse',
        options: { alpha: 0.5, delta: 0.5, mu0: 0, var0: 0, lambda1: 1000, lambda2: 0, totalSteps: 2, inner },
        weights: { kernel: [3, 2] },
        loss:
          ({ kernel }) =>
          () =>
            tf.mul(0.5, tf.sum(tf.mul([1, 2], tf.square(kernel!)))),
        steps: [
          {
            weights: { kernel: [2.67, 1.52] },
            metrics: { branch: 'sam', squaredNorm: 25, threshold: 12.5, radius: 0.5, gradientEvaluations: 2 },
          },
          {
            weights: { kernel: [2.67 - 0.1 * (2.67 - 0.8 * length), 1.52 - 0.1 * (3.04 + 0.6 * length)] },
            metrics: { branch: 'reuse', radius: null, gradientEvaluations: 1 },
          },
        ],
        tolerance: 5e-6,
      },
    ],
    degenerate: [
      { name: 'always sharp', options: { ...always, inner }, parent: inner },
      { name: 'never sharp', options: { ...never, inner }, parent: 'base' },
      { name: 'alpha 0', options: { alpha: 0, inner }, parent: { use: 'ae-sam', inner } },
      { name: 'always sharp, over asam', options: { ...always, inner: asam }, parent: asam },
      {
        name: 'its own parts',
        options: { layerwise: true, inner: asam },
        parent: { use: 'looksam', k: 1, layerwise: true, inner: { use: 'ae-sam', inner: asam } },
      },
    ],
    gradientEvaluations: [
      { name: 'always sharp', options: always, perStep: [2, 2, 2] },
      { name: 'never sharp', options: never, perStep: [1, 1, 1] },
      { name: 'sharp from step 3', options: { lambda1: -1, lambda2: 1e9, totalSteps: 3 }, perStep: [1, 1, 1, 2] },
    ],
    invalid: [{ name: 'delta 1', options: { delta: 1 } }],
    golden: ['ae-looksam-sgd', 'ae-looksam-late-sgd'],
    warmUpSteps: 6,
  },
});
