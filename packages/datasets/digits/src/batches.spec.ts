import { digestOf } from '@flatmin/data/fuzz';
import { expect, it } from '@jest/globals';
import { digits } from './index.js';

it.each([
  ['5ecf2afa5944', {}],
  ['b9738ab4dd3d', { validation: 0.25, seed: 3, shape: 'image' }],
  ['d2a5e7a5aa7e', { labelNoise: { rate: 0.4 } }],
  ['f69d8b619a47', { labelNoise: { kind: 'pair-flip', rate: 0.3, seed: 2 }, validation: 0 }],
] as const)('has the batches that it always had: %s of %j', async (digest, options) => {
  expect(await digestOf(await digits(options))).toBe(digest);
});
