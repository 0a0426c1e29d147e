import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { digestOf } from '@flatmin/data/fuzz';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { cmudict } from './index.js';

const sounds = ['K AE1 T', 'K UW1', 'D AO1 G', 'T', 'L OW0 M'];
const words = Array.from(
  { length: 30 },
  (_, i) => `${'catdogmol'.slice(i % 7, 3 + (i % 5))}${'abcdef'[i % 6] as string}`,
);

let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'cmudict-'));
  const lines = words.map((word, i) => `${word.toUpperCase()}${'XYZUVW'.slice(0, i % 6)}  ${sounds[i % 5] as string}`);
  await writeFile(path.join(dir, 'dict.txt'), lines.join('\n'));
});
afterAll(() => rm(dir, { recursive: true }));

it.each([
  ['92bc130002cc', { validation: 0.2, testFraction: 0.2 }],
  ['2da344bd3d97', { validation: 0.2, testFraction: 0.3, seed: 2, train: 8, test: 4 }],
])('has the batches that it always had: %s of %j', async (digest, options) => {
  expect(await digestOf(await cmudict({ dir, ...options }))).toBe(digest);
});
