import { definePlugin, type Plugin } from '@flatmin/core/plugin';
import * as z from 'zod';
import { adamwRule } from './adamw.js';
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

/** Every base of this package. */
export const baseOptimizers: readonly Plugin<'base'>[] = [sgdwPlugin, adamwPlugin];
