import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { digestOf } from '@flatmin/data/fuzz';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { textTable } from './index.js';

let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'text-table-'));
  const rows = Array.from(
    { length: 60 },
    (_, i) =>
      `"word${i % 7}, other${i % 4}",${(i * 37) % 11},${'rgb'[i % 3] as string},${i / 8},${'yn'[i % 2] as string}`,
  );
  await writeFile(path.join(dir, 'train.csv'), ['text,count,color,price,label', ...rows].join('\n'));
});
afterAll(() => rm(dir, { recursive: true }));

it.each([
  ['2e81b836317d', { label: 'label', text: 'text', validation: 0.2 }],
  [
    '4dcc6ef612b3',
    { label: 'label', text: 'text', encoding: 'ids', length: 8, train: 20, seed: 3, labelNoise: { rate: 0.4 } },
  ],
  ['b6f23c5dbc55', { label: 'label', features: ['count', 'price'], validation: 0.2, testFraction: 0.3 }],
  ['5182657b3dab', { label: 'price', features: ['count', 'color'], task: 'regression', seed: 2 }],
] as const)('has the batches that it always had: %s of %j', async (digest, options) => {
  expect(await digestOf(await textTable({ dir, ...options }))).toBe(digest);
});
