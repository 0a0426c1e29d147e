import { definePlugin } from '@flatmin/core/plugin';
import { splitSchema } from '@flatmin/data';
import { z } from 'zod';
import { twoMoons } from './twoMoons.js';

const points = (what) => z.int().min(2).default(1000).describe(`Points of ${what} (1000: the choice of this package).`);

/** The plugin, for specs: `{ use: 'two-moons', noise: 0.2, seed: 1 }`. */
export default definePlugin({
  kind: 'dataset',
  id: 'two-moons',
  apiVersion: 1,
  description: 'Two interleaving half circles in the plane, by seed: 2 classes.',
  options: z.strictObject({
    ...splitSchema,
    train: points('the training part, validation among them'),
    test: points('the test part'),
    noise: z.number().min(0).default(0.1).describe('Deviation of the noise (0.1: the choice of this package).'),
  }),
  create: (options) => twoMoons(options),
});

export { twoMoons };
