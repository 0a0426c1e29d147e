import { digestOf } from '@flatmin/data/fuzz';
import { expect, it } from '@jest/globals';
import { mnist1d } from './index.js';

it.each([
  ['dbd7f1533542', {}],
  ['55ca313670ea', { validation: 0.25, seed: 3 }],
  ['5d2dbf926a0d', { labelNoise: { rate: 0.4 } }],
  ['dba9f1ad5726', { labelNoise: { kind: 'pair-flip', rate: 0.3, seed: 2 }, validation: 0 }],
] as const)('has the batches that it always had: %s of %j', async (digest, options) => {
  expect(await digestOf(mnist1d(options))).toBe(digest);
});
