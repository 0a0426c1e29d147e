import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { digestOf } from '@flatmin/data/fuzz';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { parallelText } from './index.js';

/** Sentences of 1 to 7 words. */
const sentences = (words: string, count: number): string =>
  Array.from({ length: count }, (_, i) => [...words.repeat(2)].slice(i % 5, 1 + (i % 5) + (i % 7)).join(' ')).join(
    '\n',
  );

let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'pairs-'));
  const files = { 'train.de': ['abcdefgh', 40], 'train.en': ['opqrstuv', 40] } as const;
  for (const [name, [words, count]] of Object.entries(files))
    await writeFile(path.join(dir, name), sentences(words, count));
});
afterAll(() => rm(dir, { recursive: true }));

it.each([
  ['9583ce241d36', { validation: 0.2, testFraction: 0.2 }],
  ['96ce8e8eb7f1', { validation: 0.2, testFraction: 0.3, seed: 2, train: 8, test: 4 }],
])('has the batches that it always had: %s of %j', async (digest, options) => {
  expect(await digestOf(await parallelText({ dir, ...options }))).toBe(digest);
});
