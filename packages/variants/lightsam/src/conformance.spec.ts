import { capture } from '@flatmin/graph';
import { describeVariant } from '@flatmin/conformance';
import letsPlugin from '@flatmin/lets';
import * as layers from '@flatmin/model-layers';
import * as tf from '@tensorflow/tfjs-core';
import { lightSamPlugin } from './plugin.js';

// Loss 1/2 |w|^2: the gradient is w, so all stays on the ray of (3, 4), here by its length. epsilon = 2, rho = 1, eta =
// 0.1. Step 0: s = 5, u = 4 + 25, offset s / sqrt(29), gp = 5 + that, v = 4 + gp^2, w = 5 - 0.1 gp / sqrt(v). Step 1
// likewise.
const first = 5 + 5 / Math.sqrt(29);
const v0 = 4 + first ** 2;
const w1 = 5 - (0.1 * first) / Math.sqrt(v0);
const second = w1 + w1 / Math.sqrt(29 + w1 ** 2);
const w2 = w1 - (0.1 * second) / Math.sqrt(v0 + second ** 2);
const ray = (length: number) => ({ kernel: [0.6 * length], bias: [0.8 * length] });

describeVariant(lightSamPlugin, {
  lets: letsPlugin,
  layers,
  graph: capture,
  exempt: { 'C2 rho 0': 'without perturbation it is AdaGrad-Norm over the base, not the base' },
  cases: {
    handWorked: [
      {
        name: 'two steps on 1/2 |w|^2',
        options: { rho: 1, epsilon: 2 },
        weights: ray(5),
        loss:
          ({ kernel, bias }) =>
          () =>
            tf.mul(0.5, tf.add(tf.sum(tf.square(kernel!)), tf.sum(tf.square(bias!)))),
        steps: [
          {
            weights: ray(w1),
            metrics: { loss: 12.5, radius: 1, perturbationNorm: 5 / Math.sqrt(29), gradientEvaluations: 2 },
          },
          { weights: ray(w2), metrics: { perturbationNorm: w1 / Math.sqrt(29 + w1 ** 2) } },
        ],
      },
    ],
    gradientEvaluations: 2,
    invalid: [{ name: 'an epsilon of 0', options: { epsilon: 0 } }],
    golden: ['lightsam'],
  },
});
