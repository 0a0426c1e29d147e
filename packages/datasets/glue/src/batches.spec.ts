import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { digestOf } from '@flatmin/data/fuzz';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { glueFiles } from './glue.fixture.js';
import { glue } from './index.js';
import { glueTasks } from './tasks.js';

const tasks = ['mnli', 'sst-2', 'sts-b'] as const;
let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'glue-'));
  for (const task of tasks) {
    const folder = path.join(dir, glueTasks[task].folder);
    await mkdir(folder);
    for (const [name, bytes] of Object.entries(glueFiles(task))) await writeFile(path.join(folder, name), bytes);
  }
});
afterAll(() => rm(dir, { recursive: true }));

it.each([
  ['3e59f775d805', { task: 'sst-2', validation: 0.2 }],
  ['00df383efc13', { task: 'sts-b', validation: 0.2, seed: 2 }],
  ['a42ddbca3f58', { task: 'mnli', validation: 0.2, encoding: 'ids', length: 9, labelNoise: { rate: 0.5 } }],
] as const)('has the batches that it always had: %s of %j', async (digest, options) => {
  expect(await digestOf(await glue({ dir, ...options }))).toBe(digest);
});
