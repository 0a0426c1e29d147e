import { definePlugin, type Plugin } from '@flatmin/core/plugin';
import * as z from 'zod';
import { adamwRule } from './adamw.js';
import { lambRule } from './lamb.js';
import { lionRule } from './lion.js';
import { decayRoles, fraction, learningRate, weightDecay } from './decay.js';
import { RuleBase } from './ruleBase.js';
import { sgdwRule } from './sgdw.js';

export const sgdwPlugin = definePlugin({
  kind: 'base',
  id: 'sgdw',
  apiVersion: 1,
  description: 'SGD with momentum, also in Nesterov’s form, and weight decay, decoupled or coupled.',
  options: z
    .strictObject({
      learningRate: learningRate.describe('Learning rate.'),
      momentum: fraction.default(0).describe('How much of the last step remains (0: PyTorch).'),
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
  description: 'LAMB: the direction of Adam, as long for each tensor as its weights, for large batches.',
  options: z.strictObject({
    learningRate: learningRate.describe('Learning rate.'),
    beta1: fraction.default(0.9).describe('Decay of the first moment (0.9: optax).'),
    beta2: fraction.default(0.999).describe('Decay of the second moment (0.999: optax).'),
    epsilon: z.number().positive().default(1e-6).describe('Added to the root (1e-6: optax).'),
    weightDecay: weightDecay.default(0).describe('lambda: lambda theta is added before the ratio (0: optax).'),
    decayRoles,
  }),
  create: ({ learningRate, weightDecay, decayRoles, ...moments }) =>
    new RuleBase(lambRule(moments), { weightDecay, decayRoles, decoupled: false }, learningRate),
});

/** Every base of this package. */
export const baseOptimizers: readonly Plugin<'base'>[] = [sgdwPlugin, adamwPlugin, lionPlugin, lambPlugin];
