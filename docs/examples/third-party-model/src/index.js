import { definePlugin } from '@flatmin/core/plugin';
import { z } from 'zod';
import { rezeroMlp } from './rezeroMlp.js';

/** The plugin, for specs: `{ use: 'rezero-mlp', width: 32, depth: 2 }`. */
export default definePlugin({
  kind: 'model',
  id: 'rezero-mlp',
  apiVersion: 1,
  description: 'Residual multilayer perceptron without normalization (ReZero), over flattened inputs.',
  options: z.strictObject({
    width: z.int().min(1).default(32).describe('Units of each layer (32: the choice of this package).'),
    depth: z
      .int()
      .min(0)
      .default(2)
      .describe('Residual blocks; 0 leaves two linear layers (2: the choice of this package).'),
  }),
  create: rezeroMlp,
});

export { rezeroMlp };
