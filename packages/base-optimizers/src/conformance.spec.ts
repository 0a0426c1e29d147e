import { describeVariant } from '@flatmin/conformance';
import type { Spec } from '@flatmin/core';
import { capture } from '@flatmin/graph';
import letsPlugin from '@flatmin/lets';
import * as layers from '@flatmin/model-layers';
import samPlugin from '@flatmin/sam';
import * as tf from '@tensorflow/tfjs-core';
import { describe } from '@jest/globals';
import { baseOptimizers } from './index.js';

const sgdw = { use: 'sgdw', learningRate: 0.05, momentum: 0.9, nesterov: true, weightDecay: 0.1 };
const adamw = { use: 'adamw', learningRate: 0.01, weightDecay: 0.1, decayRoles: ['kernel'] };

const subjects = [
  {
    base: sgdw as Spec,
    others: [{ ...sgdw, nesterov: false, decoupled: false, decayRoles: ['kernel'] }] as readonly Spec[],
    // Both decay by 1 - 0.05 0.1 = 0.995; from v = 0 Nesterov's form subtracts 0.05 (1 + 0.9) g.
    kernel: 0.995 * 3 - 0.05 * 1.9 * 3.3,
    bias: 0.995 * 4 - 0.05 * 1.9 * 4.4,
    golden: ['sgd-nesterov', 'sgd-weight-decay-coupled', 'sgd-weight-decay-kernels-only', 'sgd-clip-norm'] as const,
  },
  {
    base: adamw as Spec,
    others: [],
    // At t = 1 the step is the sign of g, and only the kernel decays: 1 - 0.01 0.1 = 0.999.
    kernel: 0.999 * 3 - 0.01,
    bias: 4 - 0.01,
    golden: ['adamw', 'adamw-kernels-only'] as const,
  },
  {
    base: { use: 'lion', learningRate: 0.01, beta1: 0.8, weightDecay: 0.1, decayRoles: ['kernel'] } as Spec,
    others: [],
    kernel: 0.999 * 3 - 0.01,
    bias: 4 - 0.01,
    golden: ['lion', 'sam-lion'] as const,
  },
  {
    // At t = 1 Adam's direction is 1: r = 1 + 0.1 3 and 1, of length itself, so the weights move by a hundredth.
    base: { use: 'lamb', learningRate: 0.01, weightDecay: 0.1, decayRoles: ['kernel'] } as Spec,
    others: [],
    kernel: 0.99 * 3,
    bias: 0.99 * 4,
    golden: ['lamb', 'sam-lamb'] as const,
  },
  {
    // The bias is AdamW's: at t = 1 its step is the rate; so is that of a kernel of rank 1.
    base: {
      use: 'muon',
      learningRate: 0.02,
      weightDecay: 0.1,
      adamw: { learningRate: 0.01, weightDecay: 0.1 },
    } as Spec,
    others: [{ use: 'muon', nesterov: false, steps: 3, decayRoles: ['kernel'] }] as readonly Spec[],
    kernel: 0.999 * 3 - 0.01,
    bias: 0.999 * 4 - 0.01,
    golden: ['muon', 'sam-muon', 'muon-plain-momentum'] as const,
  },
  {
    // c = 1 in the first step, so y is z, an SGD step: decay adds 0.1 y to the gradient, at half the rate.
    base: {
      ...{ use: 'schedule-free-sgd', learningRate: 0.1, weightDecay: 0.1, warmupSteps: 2, r: 1 },
      decayRoles: ['kernel'],
    } as Spec,
    others: [{ use: 'schedule-free-sgd' }] as readonly Spec[],
    kernel: 3 - 0.05 * (3.3 + 0.1 * 3),
    bias: 4 - 0.05 * 4.4,
    golden: ['schedule-free-sgd', 'sam-schedule-free-sgd'] as const,
  },
  {
    // At t = 1 Adam's direction is 1.
    base: {
      ...{ use: 'schedule-free-adamw', learningRate: 0.01, weightDecay: 0.1, warmupSteps: 2 },
      decayRoles: ['kernel'],
    } as Spec,
    others: [],
    kernel: 3 - 0.005 * (1 + 0.1 * 3),
    bias: 4 - 0.005,
    golden: ['schedule-free-adamw', 'sam-schedule-free-adamw'] as const,
  },
];

describe.each(subjects)('SAM over $base.use', ({ base, others, kernel, bias, golden }) => {
  describeVariant(samPlugin, {
    lets: letsPlugin,
    layers,
    graph: capture,
    plugins: baseOptimizers,
    cases: {
      bases: [{ use: 'sgd', learningRate: 0.1 }, base, ...others],
      handWorked: [
        {
          // Loss 1/2 |w|^2 from (3, 4): SAM's gradient at rho 0.5 is (3.3, 4.4).
          name: `one step of ${base.use}`,
          options: { rho: 0.5 },
          base,
          weights: { kernel: [3], bias: [4] },
          loss: (w) => () => tf.mul(0.5, tf.add(tf.sum(tf.square(w['kernel']!)), tf.sum(tf.square(w['bias']!)))),
          steps: [{ weights: { kernel: [kernel], bias: [bias] } }],
        },
      ],
      gradientEvaluations: 2,
      golden,
    },
  });
});
