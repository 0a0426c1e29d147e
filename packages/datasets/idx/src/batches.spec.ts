import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { digestOf } from '@flatmin/data/fuzz';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { fourFiles } from './idx.fixture.js';
import { idx } from './index.js';

let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'idx-'));
  for (const [name, bytes] of Object.entries(fourFiles())) await writeFile(path.join(dir, name), bytes);
});
afterAll(() => rm(dir, { recursive: true }));

it.each([
  ['fcf11f525b41', { validation: 0.2 }],
  ['7000c5113f55', { train: 10, test: 3, seed: 4, labelNoise: { rate: 0.5 }, memory: 0 }],
  [
    '0214d3b443e9',
    { augment: [{ use: 'crop', padding: 1 }, { use: 'flip' }, { use: 'rand-augment' }], shape: 'image' },
  ],
] as const)('has the batches that it always had: %s of %j', async (digest, options) => {
  expect(await digestOf(await idx({ dir, classes: 4, ...options }))).toBe(digest);
});
