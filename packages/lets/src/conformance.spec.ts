import asamPlugin from '@flatmin/asam';
import { baseOptimizers } from '@flatmin/base-optimizers';
import { capture } from '@flatmin/graph';
import { describeVariant, type HandWorkedCase, referenceNames } from '@flatmin/conformance';
import * as layers from '@flatmin/model-layers';
import samPlugin from '@flatmin/sam';
import { describe } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { letsPlugin } from './plugin.js';

/** 1/2 sum of a (w - c)^2 over the kernel. */
const bowl =
  (a: number[], c: number[]): HandWorkedCase['loss'] =>
  ({ kernel }) =>
  () =>
    tf.mul(0.5, tf.sum(tf.mul(a, tf.square(tf.sub(kernel!, c)))));

const references = referenceNames.filter((name) => name.startsWith('lets-'));
const robust = references.filter((name) => name.includes('robust'));

const exempt = {
  'C2 rho 0': 'LETS refuses to start at 0, where log rho has no value',
  C13: 'it is LETS',
};
const inner = { use: 'sam', rho: 0.5 };
const problem = {
  weights: { kernel: [3, 2] },
  loss: bowl([1, 2], [0, 0]),
  validationLoss: bowl([2, 1], [1, -1]),
  tolerance: 2e-6,
};
const waiting = {
  name: 'a warm-up that never ends is the inner variant',
  options: { warmup: 1000, inner: { use: 'asam', rho: 0.3 } },
  parent: { use: 'asam', rho: 0.3 },
};

describe('the paper form', () => {
  describeVariant(letsPlugin, {
    layers,
    graph: capture,
    plugins: [...baseOptimizers, samPlugin, asamPlugin],
    exempt,
    cases: {
      options: { preset: 'paper' },
      handWorked: [
        {
          // g = (3, 4), d = (0.6, 0.8), gp = (3.3, 4.8), theta' = (2.67, 1.52). Diagonal: H d ~ gp gp d = (6.534,
          // 18.432), z = -0.1 of it. gap = 5.9641 - 5.87485 = 0.08925, q_vl - q_tr = (0.67, -0.52):
          // h = 0.08925 (-0.437778 + 0.958464) = 0.0464712; rho' = 0.5 - 0.1 h.
          ...problem,
          name: 'one step of both levels',
          options: { inner, parameterization: 'linear', upper: { use: 'sgd', learningRate: 0.1 } },
          steps: [
            {
              weights: { kernel: [2.67, 1.52] },
              metrics: { gap: 0.08925, radius: 0.5, radiusAfter: 0.49535288, gradientEvaluations: 4 },
            },
          ],
        },
      ],
      degenerate: [{ ...waiting, options: { ...waiting.options, preset: 'paper' } }],
      gradientEvaluations: [
        { perStep: [4, 4, 4] },
        { name: 'exact', options: { curvature: 'exact' }, perStep: [6, 6] },
        { name: 'every 3', options: { every: 3 }, perStep: [4, 2, 2, 4, 2] },
        { name: 'next', options: { trainingBatch: 'next' }, perStep: [2, 3, 3] },
      ],
      invalid: [
        { name: 'an empty range', options: { rhoMin: 1, rhoMax: 0.5 } },
        { name: 'memory of 1', options: { memory: 1 } },
        {
          name: 'a radius that is a schedule',
          options: { inner: { use: 'sam', rho: { schedule: 'window', rho: 1 } } },
        },
      ],
      golden: references.filter((name) => !robust.includes(name)),
    },
  });
});

describe('the robust preset', () => {
  describeVariant(letsPlugin, {
    layers,
    graph: capture,
    plugins: [...baseOptimizers, samPlugin, asamPlugin],
    exempt,
    cases: {
      options: { preset: 'robust' },
      handWorked: [
        {
          // q = H d = (0.6, 1.6) exactly; less (9.66 / 33.93) gp it is (-0.3395225, 0.2334218); z = -0.1 of it;
          // q_vl = (3.34, 2.52): h = 0.0545776. Adam's first step is its learning rate: rho' = 0.5 exp(-0.02).
          ...problem,
          name: 'one step of both levels',
          options: { inner },
          steps: [
            {
              weights: { kernel: [2.67, 1.52] },
              metrics: {
                validationLoss: 5.9641,
                hypergradient: 0.0545776,
                radiusAfter: 0.49009934,
                gradientEvaluations: 3,
              },
            },
          ],
        },
      ],
      degenerate: [{ ...waiting, options: { ...waiting.options, preset: 'robust' } }],
      gradientEvaluations: [
        { perStep: [3, 3, 3] },
        { name: 'every 4', options: { every: 4 }, perStep: [3, 2, 2, 2, 3] },
      ],
      golden: robust,
    },
  });
});
