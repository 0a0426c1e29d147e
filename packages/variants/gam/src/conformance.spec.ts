import { capture } from '@flatmin/graph';
import { describeVariant } from '@flatmin/conformance';
import letsPlugin from '@flatmin/lets';
import * as layers from '@flatmin/model-layers';
import samPlugin from '@flatmin/sam';
import * as tf from '@tensorflow/tfjs-core';
import { gamPlugin } from './plugin.js';

// Loss 1/2 (w1^2 + 4 w2^2) from (3, 1): a gradient at an offset o is g0 + (o1, 4 o2), g0 = (3, 4). With rho' = 0.5:
// o = 0.5 (3, 4) / 5 = (0.3, 0.4), h = (0.3, 1.6), of norm sqrt(2.65). With rho = 1: g2 at h / sqrt(2.65), g3 at that
// plus 0.5 g2 / ||g2||.
const length = Math.sqrt(2.65);
const g1 = [3.3, 5.6] as const;
const g2 = [3 + 0.3 / length, 4 + 6.4 / length] as const;
const half = 0.5 / Math.hypot(...g2);
const g3 = [g2[0] + half * g2[0], g2[1] + 4 * half * g2[1]] as const;
// beta1 0.6, beta2 -0.5, beta3 0.4: q = 0.6 g1 + 0.4 g3, p = g0 + 0.5 g2; r = p - (<p, q> / <q, q>) q.
const q = [0.6 * g1[0] + 0.4 * g3[0], 0.6 * g1[1] + 0.4 * g3[1]] as const;
const p = [3 + 0.5 * g2[0], 4 + 0.5 * g2[1]] as const;
const share = (p[0] * q[0] + p[1] * q[1]) / (q[0] ** 2 + q[1] ** 2);
const final = q.map((value, i) => value - 0.3 * ((p[i] as number) - share * value)) as [number, number];

describeVariant(gamPlugin, {
  lets: letsPlugin,
  layers,
  graph: capture,
  plugins: [samPlugin],
  exempt: {
    'C2 rho 0': 'at gradNormRho 0 the ascent by gradRho remains; the base needs both at 0, which is a degenerate case',
  },
  cases: {
    handWorked: [
      {
        name: 'one step on 1/2 (w1^2 + 4 w2^2)',
        options: { gradNormRho: 1, gradRho: 0.5, beta1: 0.6, beta2: -0.5, beta3: 0.4, gamma: 0.3 },
        weights: { kernel: [3, 1] },
        loss:
          ({ kernel }) =>
          () =>
            tf.mul(0.5, tf.sum(tf.mul([1, 4], tf.square(kernel!)))),
        steps: [
          {
            weights: { kernel: [3 - 0.1 * final[0], 1 - 0.1 * final[1]] },
            metrics: {
              loss: 6.5,
              radius: 1,
              perturbationNorm: Math.hypot(0.3 / length + half * g2[0], 1.6 / length + half * g2[1]),
              gradientEvaluations: 4,
            },
          },
        ],
      },
    ],
    degenerate: [
      {
        name: 'both radii 0, betas that sum to 1',
        options: { gradNormRho: 0, gradRho: 0 },
        parent: 'base',
        tolerance: 2e-6,
      },
      {
        name: 'beta1 alone is SAM at gradRho',
        options: { gradRho: 0.1, beta1: 1, beta3: 0, gamma: 0 },
        parent: { use: 'sam', rho: 0.1 },
      },
    ],
    gradientEvaluations: 4,
    golden: ['gam-momentum', 'gam-sgd', 'gam-adam'],
  },
});
