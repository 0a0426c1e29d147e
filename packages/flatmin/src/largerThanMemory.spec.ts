import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Spec } from '@flatmin/core';
import { RandomStream } from '@flatmin/core';
import { train } from '@flatmin/training';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { officialContainer } from './node.js';
import { createOptimizer } from './optimizers.js';

/** Bytes that the data sets may keep of their files; these have more, and four times as many. */
const memory = 2 ** 20;
const sizes = { more: 1.25 * memory, much: 4 * memory };
/** What is bounded is memory. A busy machine may take its time. */
const patience = 600_000;

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'larger-'));
});
afterAll(() => rm(directory, { recursive: true }));

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
/** Bytes of arrays and objects that live. Twice: the first collection frees what the second has to sweep. */
function held(): number {
  collect();
  collect();
  const { arrayBuffers, heapUsed } = process.memoryUsage();
  return arrayBuffers + heapUsed;
}

/** Two classes that the first of four numbers tells, beside a kilobyte of text that nobody asks for. */
async function writeTable(dir: string, rows: number): Promise<Spec> {
  const file = await open(path.join(dir, 'train.jsonl'), 'w');
  for (let start = 0; start < rows; start += 256) {
    const lines = Array.from({ length: 256 }, (_, i) => {
      const row = { a: (i % 2) - 0.5, b: (start + i) / rows, label: i % 2, text: 'x'.repeat(970) };
      return `${JSON.stringify(row)}\n`;
    });
    await file.write(lines.join(''));
  }
  expect((await file.stat()).size / rows).toBeGreaterThan(1000);
  await file.close();
  return { use: 'text-table', dir, features: ['a', 'b'] };
}

/** Two classes of images, black and white. */
async function writeImages(dir: string, count: number): Promise<Spec> {
  const pixels = 1024;
  const header = (...sizes: number[]): Uint8Array => {
    const bytes = new Uint8Array(4 + 4 * sizes.length);
    bytes.set([0, 0, 8, sizes.length]);
    sizes.forEach((size, i) => new DataView(bytes.buffer).setUint32(4 + 4 * i, size));
    return bytes;
  };
  for (const [part, images] of [
    ['train', count],
    ['t10k', 64],
  ] as const) {
    // prettier-ignore
    const file = await open(path.join(dir, `${part}-images-idx3-ubyte`), 'w');
    await file.write(header(images, 32, 32));
    const pair = Buffer.concat([new Uint8Array(pixels), new Uint8Array(pixels).fill(255)]);
    for (let i = 0; i < images; i += 64) await file.write(Buffer.concat(new Array<Buffer>(32).fill(pair)));
    await file.close();
    const labels = Uint8Array.from({ length: images }, (_, i) => i % 2);
    await writeFile(path.join(dir, `${part}-labels-idx1-ubyte`), Buffer.concat([header(images), labels]));
  }
  return { use: 'idx', dir, classes: 2, normalize: { mean: [0.5], std: [0.5] } };
}

/**
 * One epoch of an MLP with SAM: how many steps, what it came to, and the most bytes that it held beside what was held
 * before.
 */
async function run(spec: Spec): Promise<{ steps: number; size: number; most: number; accuracy: number | undefined }> {
  const before = held();
  const container = officialContainer();
  const dataset = await container.createDataSet(spec);
  const { inputShape, classes, train: part } = dataset;
  const model = container.createModel(
    { use: 'mlp', hidden: [4] },
    { inputShape, classes, random: new RandomStream(0) },
  );
  const optimizer = createOptimizer({ use: 'sam', rho: 0.05, base: { use: 'sgd', learningRate: 0.05 } });
  let [most, steps] = [0, 0];
  const onStep = (): void => {
    if (steps++ % 32 === 0) most = Math.max(most, held());
  };
  const { history } = await train({
    dataset,
    model,
    optimizer,
    epochs: 1,
    batchSize: 32,
    evaluate: { parts: ['test'] },
    callbacks: [{ onStep }],
  });
  optimizer.dispose();
  model.dispose();
  return { steps, size: part.size, most: most - before, accuracy: history.at(-1)?.test?.accuracy };
}

describe.each([
  ['JSON lines', writeTable],
  ['images', writeImages],
])('%s of more than `memory`', (_, write) => {
  it(
    'train an MLP with SAM, and four times as many hold no more than `memory` more',
    async () => {
      const specOf = async (bytes: number): Promise<Spec> => {
        const dir = await mkdtemp(path.join(directory, 'set-'));
        return { ...(await write(dir, bytes / 1024)), memory };
      };
      const [more, much] = [await specOf(sizes.more), await specOf(sizes.much)];
      // Once for the code that a run loads on first use, which may be more than `memory` and is not the data set's.
      await run(more);
      const [few, many] = [await run(more), await run(much)];
      for (const { steps, size, accuracy } of [few, many]) {
        expect(steps).toBe(Math.ceil(size / 32));
        expect(accuracy).toBe(1);
      }
      // Three times `memory` where what has been read were kept.
      expect(many.most - few.most).toBeLessThan(memory);
    },
    patience,
  );
});
