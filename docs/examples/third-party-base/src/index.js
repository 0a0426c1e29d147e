import { baseFactory, definePlugin, parameterRoles } from '@flatmin/core/plugin';
import { z } from 'zod';
import { Signum } from './signum.js';

/** The plugin, for specs: `{ use: 'sam', rho: 0.05, base: { use: 'signum', learningRate: 1e-4 } }`. */
const signumPlugin = definePlugin({
  kind: 'base',
  id: 'signum',
  apiVersion: 1,
  description: 'Signum: every weight moves by the learning rate, along the sign of an average of gradients.',
  options: z.strictObject({
    learningRate: z.number().min(0).default(1e-4).describe('How far each weight moves (1e-4: the paper, on ImageNet).'),
    beta: z.number().min(0).lt(1).default(0.9).describe('Decay of m (0.9: the paper).'),
    weightDecay: z.number().min(0).default(0).describe('lambda of the decoupled weight decay (0: ours).'),
    decayRoles: z
      .array(z.enum(parameterRoles))
      .min(1)
      .default([...parameterRoles])
      .describe('Roles of the parameters that decay (all: ours).'),
  }),
  create: (options) => new Signum(options),
});

export default signumPlugin;

/** The same in code, alone or as `base`: `sam({ rho: 0.05, base: signum({ learningRate: 1e-4 }) })`. */
export const signum = baseFactory(signumPlugin);
