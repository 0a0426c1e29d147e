import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { digestOf } from '@flatmin/data/fuzz';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { twoClasses, writeFiles } from './image-folder.fixture.js';
import { imageFolder } from './index.js';

let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'image-folder-'));
  await writeFiles(dir, { ...twoClasses('train/', 10), ...twoClasses('val/', 3) });
});
afterAll(() => rm(dir, { recursive: true }));

it.each([
  ['4995a88f0f35', { validation: 0.2 }],
  ['d0123ae0bda1', { seed: 2, train: 9, labelNoise: { rate: 0.5 }, normalize: false }],
  ['8dca3816637d', { augment: [{ use: 'crop', padding: 1 }, { use: 'flip' }] }],
] as const)('has the batches that it always had: %s of %j', async (digest, options) => {
  expect(await digestOf(await imageFolder({ dir, size: 4, resize: 4, workers: 0, ...options }))).toBe(digest);
});
