import { definePlugin, type Plugin } from '@flatmin/core/plugin';
import * as z from 'zod';
import { adamwRule } from './adamw.js';
import { lambRule } from './lamb.js';
import { lionRule } from './lion.js';
import { decayRoles, fraction, learningRate, weightDecay } from './decay.js';
import { muonRule, ofMuon } from './muon.js';
import { RuleBase } from './ruleBase.js';
import { scheduleFreeAdamwRule, scheduleFreeSgdRule } from './scheduleFree.js';
import { SplitBase } from './splitBase.js';
import { sgdwRule } from './sgdw.js';

export const sgdwPlugin = definePlugin({
  kind: 'base',
  id: 'sgdw',
  apiVersion: 1,
  description: 'SGD with momentum, also in Nesterov’s form, and weight decay, decoupled or coupled.',
  options: z
    .strictObject({
      learningRate: learningRate.describe('Learning rate.'),
      momentum: fraction.default(0).describe('How much of the last step is kept (0: PyTorch).'),
      nesterov: z.boolean().default(false).describe("Nesterov's form; needs momentum."),
      weightDecay: weightDecay.default(0).describe('lambda of the weight decay (0: PyTorch).'),
      decoupled: z
        .boolean()
        .default(true)
        .describe(
          'true: weights shrink by 1 - learningRate lambda (SGDW). false: lambda theta is added to the gradient, as PyTorch does.',
        ),
      decayRoles,
    })
    .refine(({ momentum, nesterov }) => !nesterov || momentum > 0, {
      message: 'nesterov needs momentum',
      path: ['nesterov'],
    }),
  example: { options: { learningRate: 0.1, momentum: 0.9, weightDecay: 0.0005 } },
  create: ({ learningRate, momentum, nesterov, ...decay }) =>
    new RuleBase(sgdwRule({ momentum, nesterov }), decay, learningRate),
});

export const adamwPlugin = definePlugin({
  kind: 'base',
  id: 'adamw',
  apiVersion: 1,
  description: 'AdamW: Adam whose weight decay is decoupled from its moments.',
  options: z.strictObject({
    learningRate: learningRate.default(0.001).describe('Learning rate (0.001: PyTorch).'),
    beta1: fraction.default(0.9).describe('Decay of the first moment (0.9: the paper).'),
    beta2: fraction.default(0.999).describe('Decay of the second moment (0.999: the paper).'),
    epsilon: z.number().positive().default(1e-8).describe('Added to the root (1e-8: the paper).'),
    weightDecay: weightDecay
      .default(0.01)
      .describe('lambda: weights shrink by 1 - learningRate lambda (0.01: PyTorch).'),
    decayRoles,
  }),
  create: ({ learningRate, weightDecay, decayRoles, ...moments }) =>
    new RuleBase(adamwRule(moments), { weightDecay, decayRoles, decoupled: true }, learningRate),
});

export const lionPlugin = definePlugin({
  kind: 'base',
  id: 'lion',
  apiVersion: 1,
  description: 'Lion: the sign of a mixture of momentum and gradient, with decoupled weight decay.',
  options: z.strictObject({
    learningRate: learningRate
      .default(1e-4)
      .describe('Learning rate, 3 to 10 times smaller than that of AdamW (1e-4: the official code).'),
    beta1: fraction.default(0.9).describe('Share of the momentum in the step (0.9: the official code).'),
    beta2: fraction.default(0.99).describe('Decay of the momentum (0.99: the official code).'),
    weightDecay: weightDecay
      .default(0)
      .describe(
        'lambda: weights shrink by 1 - learningRate lambda; 3 to 10 times that of AdamW (0: the official code).',
      ),
    decayRoles,
  }),
  create: ({ learningRate, weightDecay, decayRoles, ...betas }) =>
    new RuleBase(lionRule(betas), { weightDecay, decayRoles, decoupled: true }, learningRate),
});

export const lambPlugin = definePlugin({
  kind: 'base',
  id: 'lamb',
  apiVersion: 1,
  description: 'LAMB: the direction of Adam, scaled for each tensor to the length of its weights; for large batches.',
  options: z.strictObject({
    learningRate: learningRate.describe('Learning rate.'),
    beta1: fraction.default(0.9).describe('Decay of the first moment (0.9: optax).'),
    beta2: fraction.default(0.999).describe('Decay of the second moment (0.999: optax).'),
    epsilon: z.number().positive().default(1e-6).describe('Added to the root (1e-6: optax).'),
    weightDecay: weightDecay.default(0).describe('lambda: lambda theta is added before the ratio (0: optax).'),
    decayRoles,
  }),
  example: { options: { learningRate: 0.01, weightDecay: 0.01 } },
  create: ({ learningRate, weightDecay, decayRoles, ...moments }) =>
    new RuleBase(lambRule(moments), { weightDecay, decayRoles, decoupled: false }, learningRate),
});

export const muonPlugin = definePlugin({
  kind: 'base',
  id: 'muon',
  apiVersion: 1,
  description: 'Muon: momentum of matrices, orthogonalized; AdamW for biases, normalization and embeddings.',
  options: z.strictObject({
    learningRate: z
      .number()
      .positive()
      .default(0.02)
      .describe('Learning rate of matrices; setting it scales that of adamw in proportion (0.02: the official code).'),
    momentum: fraction.default(0.95).describe('Decay of the momentum of matrices (0.95: the official code).'),
    nesterov: z.boolean().default(true).describe("Nesterov's form of the momentum (true: the official code)."),
    steps: z.int().min(1).default(5).describe('Iterations of Newton-Schulz (5: the official code).'),
    weightDecay: weightDecay
      .default(0)
      .describe('lambda, for matrices: they shrink by 1 - learningRate lambda (0: the official code).'),
    exclude: z
      .array(z.string().min(1))
      .default([])
      .describe(
        'Names of kernels that AdamW takes, * for any characters, such as ["*/head/kernel"] for the output layer. Default: none.',
      ),
    adamw: z
      .strictObject({
        learningRate: learningRate.default(3e-4).describe('Learning rate (3e-4: the official code).'),
        beta1: fraction.default(0.9).describe('Decay of the first moment (0.9: the official code).'),
        beta2: fraction.default(0.95).describe('Decay of the second moment (0.95: the official code).'),
        epsilon: z.number().positive().default(1e-10).describe('Added to the root (1e-10: the official code).'),
        weightDecay: weightDecay.default(0).describe('lambda of the weight decay (0: the official code).'),
      })
      .prefault({})
      .describe('AdamW of everything else: biases, normalization, embeddings, and what exclude names.'),
    decayRoles,
  }),
  create: ({ learningRate, weightDecay, decayRoles, exclude, adamw, ...settings }) => {
    const { learningRate: rate, weightDecay: lambda, ...moments } = adamw;
    const decay = { decayRoles, decoupled: true };
    return new SplitBase({
      id: 'muon',
      first: new RuleBase(muonRule(settings), { ...decay, weightDecay }, learningRate),
      second: new RuleBase(adamwRule(moments), { ...decay, weightDecay: lambda }, rate),
      takes: ofMuon(exclude),
    });
  },
});

const openFraction = z.number().gt(0).lt(1);

/** What both schedule-free bases have. */
const averageOptions = {
  warmupSteps: z
    .int()
    .min(0)
    .default(0)
    .describe(
      'Warm-up: steps over which the learning rate rises linearly to its full value; advised (0: the official code).',
    ),
  r: z.number().min(0).default(0).describe('Power of the step in the weights of the average (0: the official code).'),
  weightLrPower: z
    .number()
    .min(0)
    .default(2)
    .describe('Power of the largest learning rate so far in the weights of the average (2: the official code).'),
};

export const scheduleFreeSgdPlugin = definePlugin({
  kind: 'base',
  id: 'schedule-free-sgd',
  apiVersion: 1,
  description: 'Schedule-free SGD: evaluates an average of the weights in place of a learning-rate schedule.',
  options: z.strictObject({
    learningRate: learningRate.default(1).describe('Learning rate, 10 to 50 times that of SGD (1: the official code).'),
    momentum: openFraction
      .default(0.9)
      .describe('beta: the share of the average where gradients are taken (0.9: the official code).'),
    weightDecay: weightDecay.default(0).describe('lambda: lambda y is added to the gradient (0: the official code).'),
    ...averageOptions,
    decayRoles,
  }),
  create: ({ learningRate, momentum, weightDecay, decayRoles, ...average }) => {
    const rule = scheduleFreeSgdRule({ beta: momentum, ...average });
    return new RuleBase(rule, { weightDecay, decayRoles, decoupled: false }, learningRate);
  },
});

export const scheduleFreeAdamwPlugin = definePlugin({
  kind: 'base',
  id: 'schedule-free-adamw',
  apiVersion: 1,
  description: 'Schedule-free AdamW: evaluates an average of the weights in place of a learning-rate schedule.',
  options: z.strictObject({
    learningRate: learningRate
      .default(0.0025)
      .describe('Learning rate, 1 to 10 times that of AdamW (0.0025: the official code).'),
    beta1: openFraction
      .default(0.9)
      .describe(
        'beta: the share of the average where gradients are taken; 0.95 to 0.98 for very long runs (0.9: the official code).',
      ),
    beta2: fraction.default(0.999).describe('Decay of the second moment (0.999: the official code).'),
    epsilon: z.number().positive().default(1e-8).describe('Added to the root (1e-8: the official code).'),
    weightDecay: weightDecay.default(0).describe('lambda: lambda y is added to the direction (0: the official code).'),
    ...averageOptions,
    decayRoles,
  }),
  create: ({ learningRate, beta1, beta2, epsilon, weightDecay, decayRoles, ...average }) => {
    const rule = scheduleFreeAdamwRule({ beta2, epsilon }, { beta: beta1, ...average });
    return new RuleBase(rule, { weightDecay, decayRoles, decoupled: false }, learningRate);
  },
});

/** Every base of this package. */
export const baseOptimizers: readonly Plugin<'base'>[] = [
  sgdwPlugin,
  adamwPlugin,
  lionPlugin,
  lambPlugin,
  muonPlugin,
  scheduleFreeSgdPlugin,
  scheduleFreeAdamwPlugin,
];
