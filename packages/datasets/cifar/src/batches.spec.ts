import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { digestOf } from '@flatmin/data/fuzz';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { cifar10Files } from './cifar.fixture.js';
import { cifar } from './index.js';

let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'cifar-'));
  for (const [name, bytes] of Object.entries(cifar10Files())) await writeFile(path.join(dir, name), bytes);
});
afterAll(() => rm(dir, { recursive: true }));

it.each([
  ['d9d5fe7f9026', { validation: 0.3 }],
  ['3519a1e71d54', { validation: 0.2, seed: 4, train: 6, labelNoise: { rate: 0.5 }, shape: 'flat' }],
  ['519593f5057a', { augment: [{ use: 'crop' }, { use: 'flip' }, { use: 'cutout', size: 8 }] }],
] as const)('has the batches that it always had: %s of %j', async (digest, options) => {
  expect(await digestOf(await cifar({ dir, ...options }))).toBe(digest);
});
