import { capture } from '@flatmin/graph';
import { describeVariant } from '@flatmin/conformance';
import letsPlugin from '@flatmin/lets';
import * as layers from '@flatmin/model-layers';
import { samPlugin } from '@flatmin/sam';
import * as tf from '@tensorflow/tfjs-core';
import { xsamPlugin } from './plugin.js';

/** L(w) = 1/2 (w1^2 + 2 w2^2), whose gradient is (w1, 2 w2). */
const bowl =
  ({ kernel }: Readonly<Record<string, tf.Variable>>) =>
  (): tf.Scalar =>
    tf.mul(0.5, tf.sum(tf.mul([1, 2], tf.square(kernel!))));

// From (3, 2): g = (3, 4), epsilon = 0.5 (0.6, 0.8), so v0 = (0.6, 0.8); ghat = (3.3, 4.8), of length:
const length = Math.sqrt(33.93);
// <v0, ghat> = 1.98 + 3.84 = 5.82.
const cosine = 5.82 / length;
// d(2) = -v0 + 2 cos(a) v1, as sin(2 a) = 2 sin(a) cos(a).
const beyond = [2 * cosine * 3.3 - length * 0.6, 2 * cosine * 4.8 - length * 0.8] as const;
const from = { weights: { kernel: [3, 2] }, loss: bowl };

describeVariant(xsamPlugin, {
  lets: letsPlugin,
  layers,
  graph: capture,
  plugins: [samPlugin],
  cases: {
    handWorked: [
      {
        name: 'as far beyond the gradient as from the ascent to it',
        options: { rho: 0.5, alpha: 2 },
        ...from,
        steps: [
          {
            weights: { kernel: [3 - 0.1 * beyond[0], 2 - 0.1 * beyond[1]] },
            metrics: {
              loss: 8.5,
              radius: 0.5,
              perturbationNorm: 0.5,
              alpha: 2,
              gradientEvaluations: 2,
              forwardEvaluations: 0,
            },
          },
        ],
      },
      {
        name: 'the direction of the ascent, at the length of the gradient there',
        options: { rho: 0.5, alpha: 0 },
        ...from,
        steps: [{ weights: { kernel: [3 - 0.06 * length, 2 - 0.08 * length] } }],
      },
      {
        // v0 + v1 is along d(1/2), and 2 cos(a / 2) long: 2 cos(a / 2)^2 = 1 + cos(a).
        name: 'half way',
        options: { rho: 0.5, alpha: 0.5 },
        ...from,
        steps: [
          {
            weights: {
              kernel: [
                3 - (0.1 * (0.6 * length + 3.3)) / Math.sqrt(2 * (1 + cosine)),
                2 - (0.1 * (0.8 * length + 4.8)) / Math.sqrt(2 * (1 + cosine)),
              ],
            },
          },
        ],
      },
      {
        // At 1 from the weights the losses of d(0), ... d(3) are 14.320, 14.335, 14.341, 14.338: alpha is 2.
        name: 'a search',
        options: { rho: 0.5, rhoMax: 1, alphaMax: 3, alphaDelta: 1, searchEvery: 2 },
        ...from,
        steps: [
          {
            weights: { kernel: [3 - 0.1 * beyond[0], 2 - 0.1 * beyond[1]] },
            metrics: { loss: 8.5, alpha: 2, gradientEvaluations: 2, forwardEvaluations: 4 },
          },
        ],
      },
    ],
    degenerate: [
      { name: 'rho 0', options: { rho: 0 }, parent: 'base' },
      { name: 'rho 0, alpha 1.5', options: { rho: 0, alpha: 1.5 }, parent: 'base' },
      { name: 'alpha 1', options: { rho: 0.2, alpha: 1 }, parent: { use: 'sam', rho: 0.2 } },
      {
        name: 'alpha 1, two ascents',
        options: { rho: 0.4, ascentSteps: 2 },
        parent: { use: 'sam', rho: 0.2, ascentSteps: 2 },
        tolerance: 2e-6,
      },
    ],
    gradientEvaluations: 2,
    invalid: [
      { name: 'a schedule of rho', options: { rho: { schedule: 'linear', from: 0, to: 1, steps: 5 } } },
      { name: 'a negative rho', options: { rho: -0.1 } },
      { name: 'no ascent', options: { ascentSteps: 0 } },
      { name: 'a grid that does not rise', options: { alphaDelta: 0 } },
      { name: 'a search at no step', options: { searchEvery: 0 } },
    ],
    golden: ['xsam-alpha-sgd', 'xsam-search-momentum'],
  },
});

/** With two ascents, and a search at every third step: what lives between steps, and graphs of two kinds. */
describeVariant(xsamPlugin, {
  graph: capture,
  cases: {
    options: { rho: 0.3, ascentSteps: 2, searchEvery: 3, alphaDelta: 0.5, rhoMax: 0.5 },
    handWorked: [
      {
        // Where g is (3, 4), an isotropic bowl's is along it wherever the ascents go: ghat = (3, 4) (1 + 0.3 / 5).
        name: 'on one line',
        weights: { kernel: [3, 4] },
        loss:
          ({ kernel }) =>
          () =>
            tf.mul(0.5, tf.sum(tf.square(kernel!))),
        steps: [
          {
            weights: { kernel: [3 - 0.318, 4 - 0.424] },
            metrics: { loss: 12.5, gradientEvaluations: 3, forwardEvaluations: 5 },
          },
        ],
        tolerance: 2e-6,
      },
    ],
    gradientEvaluations: [{ perStep: [3, 3, 3, 3] }, { options: { every: 2 }, perStep: [3, 1, 3, 1] }],
    golden: [],
  },
});
