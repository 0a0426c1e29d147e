import { baseFactory, definePlugin, parameterRoles } from '@flatmin/core/plugin';
import { z } from 'zod';
import { Lion } from './lion.js';

const decay = (value, what) => z.number().min(0).lt(1).default(value).describe(what);

/** The plugin, for specs: `{ use: 'sam', rho: 0.05, base: { use: 'lion', learningRate: 1e-4 } }`. */
const lionPlugin = definePlugin({
  kind: 'base',
  id: 'lion',
  apiVersion: 1,
  description: 'Lion: every weight moves by the learning rate, along the sign of an average of gradients.',
  options: z.strictObject({
    learningRate: z.number().min(0).default(1e-4).describe("How far each weight moves (1e-4: the authors' code)."),
    beta1: decay(0.9, 'Share of m in the direction (0.9: the paper).'),
    beta2: decay(0.99, 'Decay of m (0.99: the paper).'),
    weightDecay: z.number().min(0).default(0).describe("lambda of the decoupled weight decay (0: the authors' code)."),
    decayRoles: z
      .array(z.enum(parameterRoles))
      .min(1)
      .default([...parameterRoles])
      .describe('Roles of the parameters that decay (all: the paper).'),
  }),
  create: (options) => new Lion(options),
});

export default lionPlugin;

/** The same in code, alone or as `base`: `sam({ rho: 0.05, base: lion({ learningRate: 1e-4 }) })`. */
export const lion = baseFactory(lionPlugin);
