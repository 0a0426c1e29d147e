import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { digestOf } from '@flatmin/data/fuzz';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { brown } from './index.js';

let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'brown-'));
  const names = Array.from({ length: 10 }, (_, i) => `c${'ak'[i % 2] as string}0${i}`);
  for (const [i, name] of names.entries()) {
    await writeFile(path.join(dir, name), `\n\n\tThe/at d${i}/nn ./.\n\n\n\t1/4/cd d${i}/nn ,/, d${i}/nn\n`);
  }
  const genres = names.map((name, i) => `${name} ${['news', 'fiction'][i % 2] as string}\n`);
  await writeFile(path.join(dir, 'cats.txt'), genres.join(''));
});
afterAll(() => rm(dir, { recursive: true }));

it.each([
  ['b898d0214c37', { validation: 0.2, testFraction: 0.3 }],
  [
    '4c6dfed344c4',
    { validation: 0.2, seed: 2, labels: 'genre', encoding: 'ids', length: 6, train: 5, labelNoise: { rate: 0.4 } },
  ],
  ['2e927ee16482', { task: 'language-modelling', length: 4, validation: 0.2 }],
] as const)('has the batches that it always had: %s of %j', async (digest, options) => {
  expect(await digestOf(await brown({ dir, ...options }))).toBe(digest);
});
