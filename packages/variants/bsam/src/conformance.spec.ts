import { capture } from '@flatmin/graph';
import { describeVariant } from '@flatmin/conformance';
import letsPlugin from '@flatmin/lets';
import * as layers from '@flatmin/model-layers';
import * as tf from '@tensorflow/tfjs-core';
import { bsamPlugin } from './plugin.js';

/** So many examples that the noise, 1 / sqrt(N s), is none in float32. */
const silent = 1e30;

// Loss 1/2 w^2, so that the gradient at w is w; s = 4, rho = 1, delta = priorPrecision / N = 0.5, learning rate 0.1.
// g = w, ghat = w + w / s; gm = 0.9 gm + 0.1 (ghat + 0.5 w); w -= 0.1 gm / s with the old s;
// s = 0.5 s + 0.5 (sqrt(s) |w| + 0.5 + 0.25).
function after(steps: number, w: number): number {
  let [gm, s] = [0, 4];
  for (let t = 0; t < steps; t++) {
    gm = 0.9 * gm + 0.1 * (w + w / s + 0.5 * w);
    const next = 0.5 * s + 0.5 * (Math.sqrt(s) * Math.abs(w) + 0.75);
    w -= (0.1 * gm) / s;
    s = next;
  }
  return w;
}

describeVariant(bsamPlugin, {
  lets: letsPlugin,
  layers,
  graph: capture,
  exempt: {
    'C2 rho 0': 'without offset it is a variational optimizer of its own, not the base',
    'C16 microBatches': 'each part draws noise of its own',
  },
  cases: {
    // Without a prior a zero gradient moves nothing.
    options: { N: 100, priorPrecision: 0 },
    withoutOffset: { N: silent, rho: 0 },
    handWorked: [
      {
        // The first step: gm = 0.1 (3 + 0.75 + 1.5) = 0.525, so 3 - 0.1 0.525 / 4 = 2.986875; then by the lines above.
        name: 'three steps on 1/2 |w|^2, without noise',
        options: { N: silent, priorPrecision: silent / 2, rho: 1, beta2: 0.5, damping: 0.25, sInit: 4 },
        weights: { kernel: [3], bias: [-4] },
        loss:
          ({ kernel, bias }) =>
          () =>
            tf.mul(0.5, tf.add(tf.sum(tf.square(kernel!)), tf.sum(tf.square(bias!)))),
        steps: [
          {
            weights: { kernel: [2.986875], bias: [-3.9825] },
            metrics: { loss: 12.5, radius: 1, perturbationNorm: 1.25, gradientEvaluations: 2 },
          },
          { weights: { kernel: [after(2, 3)], bias: [after(2, -4)] } },
          { weights: { kernel: [after(3, 3)], bias: [after(3, -4)] } },
        ],
      },
    ],
    gradientEvaluations: [
      { perStep: [2, 2, 2, 2] },
      { name: 'every 2', options: { every: 2 }, perStep: [2, 1, 2, 1] },
      { name: 'three parts', options: { microBatches: 3 }, perStep: [6, 6, 6] },
    ],
    invalid: [
      { name: 'no N', options: { N: undefined } },
      { name: 'an sInit of 0', options: { sInit: 0 } },
      { name: 'a beta2 of 1', options: { beta2: 1 } },
    ],
    golden: ['bsam-no-noise-sgd'],
  },
});
