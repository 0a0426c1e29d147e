import { capture } from '@flatmin/graph';
import { describeVariant } from '@flatmin/conformance';
import letsPlugin from '@flatmin/lets';
import * as layers from '@flatmin/model-layers';
import { samPlugin } from '@flatmin/sam';
import * as tf from '@tensorflow/tfjs-core';
import { eigenSamPlugin } from './plugin.js';

/** L = 3 a + 2 b^2, of gradient (3, 4 b): its Hessian is diag(0, 4), and one power iteration gives v = (0, +-1). */
const valley =
  ({ kernel }: Readonly<Record<string, tf.Variable>>) =>
  (): tf.Scalar =>
    tf.sum(tf.mul([3, 1], tf.concat([kernel!.slice(0, 1), tf.mul(2, tf.square(kernel!.slice(1, 1)))])));

describeVariant(eigenSamPlugin, {
  lets: letsPlugin,
  layers,
  graph: capture,
  plugins: [samPlugin],
  cases: {
    options: { rho: 0.2, alpha: 0.5, refreshEvery: 3, iterations: 2 },
    handWorked: [
      {
        // Step 0 at (1, 1): g = (3, 4), u = (0.6, 0.8); v across u is +-(-0.48, 0.36), so that with alpha 0.5, on the
        // side of v where g is, d = (0.36, 0.98), of length sqrt(1.09). The offset is (0.18, 0.49), the gradient there
        // (3, 5.96). |<d, v>| = 0.98 / sqrt(1.09). 1 iteration: 2 gradients more.
        // Step 1 at (0.7, 0.404), without an estimate: g = (3, 1.616), of length sqrt(11.611456).
        name: 'two steps on 3 a + 2 b^2',
        options: { rho: 0.5 * Math.sqrt(1.09), alpha: 0.5, iterations: 1 },
        weights: { kernel: [1, 1] },
        loss: valley,
        steps: [
          {
            weights: { kernel: [0.7, 0.404] },
            metrics: {
              ...{ loss: 5, perturbationNorm: 0.5 * Math.sqrt(1.09), alignment: 0.98 / Math.sqrt(1.09) },
              ...{ gradientEvaluations: 4 },
            },
          },
          { weights: { kernel: [0.4, secondStep()] }, metrics: { gradientEvaluations: 2 } },
        ],
        tolerance: 3e-5,
      },
      {
        // At (1, -1) the gradient is (3, -4) and the offset (0.18, -0.49), whichever of +-v the iteration found.
        name: 'one step on the other side',
        options: { rho: 0.5 * Math.sqrt(1.09), alpha: 0.5, iterations: 1 },
        weights: { kernel: [1, -1] },
        loss: valley,
        steps: [{ weights: { kernel: [0.7, -0.404] } }],
        tolerance: 3e-5,
      },
    ],
    degenerate: [{ name: 'alpha 0', options: { alpha: 0 }, parent: { use: 'sam', rho: 0.2 } }],
    gradientEvaluations: [
      { perStep: [6, 2, 2, 6, 2, 2, 6] },
      { name: 'every 2', options: { every: 2, refreshEvery: 2 }, perStep: [6, 1, 2, 1, 6, 1] },
      { name: 'alpha 0', options: { alpha: 0 }, perStep: [2, 2, 2] },
      { name: 'four iterations', options: { iterations: 4, refreshEvery: 1 }, perStep: [10, 10] },
    ],
    invalid: [
      { name: 'a negative alpha', options: { alpha: -0.1 } },
      { name: 'no iterations', options: { iterations: 0 } },
      { name: 'an estimate that is never used', options: { refreshEvery: 0 } },
    ],
    golden: [],
  },
});

/** b after the second step: the part of v = (0, 1) across u is v - u2 u. */
function secondStep(): number {
  const b = 0.404;
  const length = Math.hypot(3, 4 * b);
  const [u1, u2] = [3 / length, (4 * b) / length];
  const d = [u1 - 0.5 * u2 * u1, u2 + 0.5 * (1 - u2 * u2)] as const;
  const offset = (0.5 * Math.sqrt(1.09) * d[1]) / Math.hypot(...d);
  return b - 0.1 * 4 * (b + offset);
}
