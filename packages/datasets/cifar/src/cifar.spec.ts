import { RandomStream } from '@flatmin/core';
import { checkPlugin, type ClassificationDataSet, type DataPart } from '@flatmin/core/plugin';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { cifar100Files, cifar10Files, pixel } from './cifar.fixture.js';
import plugin, { cifar, cifarPlugin } from './index.js';

let directory = '';
const dir = (name: string): string => path.join(directory, name);
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'cifar-'));
  await write(dir('ten'), cifar10Files());
  await write(dir('hundred'), cifar100Files());
  await write(dir('both/cifar-10-batches-bin'), cifar10Files());
  await write(dir('both/cifar-100-binary'), cifar100Files());
});
afterAll(() => rm(directory, { recursive: true }));

async function write(folder: string, files: Record<string, Uint8Array>): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, bytes] of Object.entries(files)) await writeFile(path.join(folder, name), bytes);
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

describe('cifar', () => {
  it('holds validation out of train by seed, and keeps the official test part in its order', async () => {
    const data = await cifar({ dir: dir('ten'), validation: 0.3, normalize: false });
    expect([data.id, data.task, data.inputShape, data.classes]).toEqual(['cifar10', 'classification', [32, 32, 3], 10]);
    expect(sizes(data)).toEqual([7, 3, 3]);
    const labels = async (part: DataPart) => (await contents(part)).map(({ y }) => y);
    const all = [...(await labels(data.train)), ...(await labels(data.validation))];
    expect(all.sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(await labels(data.test)).toEqual([9, 8, 7]);
    // Red of the first pixel of image i is i of 255; its label is i.
    for (const { x, y } of await contents(data.train)) expect(x[0]).toBeCloseTo(y / 255, 6);
  });

  it('normalizes each channel by the constants of the set, unless told otherwise', async () => {
    const [mean, std] = [
      [0.5071, 0.4865, 0.4409],
      [0.2673, 0.2564, 0.2762],
    ] as const;
    const { test, inputShape } = await cifar({ dir: dir('hundred'), shape: 'flat' });
    expect(inputShape).toEqual([3072]);
    const [first] = await contents(test);
    mean.forEach((m, c) => expect(first?.x[c]).toBeCloseTo((pixel(10, c, 0) / 255 - m) / (std[c] as number), 5));
    const plain = await cifar({ dir: dir('hundred'), normalize: { mean: [0, 0, 0], std: [1, 1, 0.5] } });
    expect((await contents(plain.test))[0]?.x[2]).toBeCloseTo((2 * pixel(10, 2, 0)) / 255, 5);
  });

  it('gives the same from memory, from the files as they are used, and in any batch size', async () => {
    const shuffle = new RandomStream(3);
    const augment = [{ use: 'crop', padding: 4 }, { use: 'flip' }, { use: 'cutout', size: 8 }] as const;
    const read = async (memory: number, batchSize: number) =>
      contents((await cifar({ dir: dir('ten'), memory, augment })).train, shuffle, batchSize);
    const expected = await read(2 ** 20, 3);
    expect(await read(0, 3)).toEqual(expected);
    expect(await read(0, 9)).toEqual(expected);
    expect(await contents((await cifar({ dir: dir('ten') })).train, shuffle)).not.toEqual(expected);
  });

  it('finds the version by the names, and asks where both lie', async () => {
    await expect(cifar({ dir: dir('both') })).rejects.toThrow(/both: both CIFAR-10 and CIFAR-100 are here\. .*classes/);
    expect((await cifar({ dir: dir('both'), classes: 100 })).classes).toBe(100);
    const coarse = await cifar({ dir: dir('both'), classes: 100, labels: 'coarse' });
    expect([coarse.id, coarse.classes, coarse.classNames?.[3]]).toEqual(['cifar100', 20, 'group3']);
    await expect(cifar({ dir: directory })).rejects.toMatchObject({ code: 'DATA_FILE_MISSING' });
  });

  it('has label noise of the exact rate, over the classes that were asked for', async () => {
    const choice = { dir: dir('hundred'), labels: 'coarse', validation: 0.5 } as const;
    const [clean, noisy] = [await cifar(choice), await cifar({ ...choice, labelNoise: { rate: 0.4 } })];
    const pairs = [await contents(clean.train), await contents(noisy.train)] as const;
    expect(pairs[0].filter(({ y }, i) => y !== pairs[1][i]?.y)).toHaveLength(2);
    expect(pairs[1].every(({ y }) => y >= 0 && y < 20)).toBe(true);
    expect(await contents(noisy.test)).toEqual(await contents(clean.test));
  });

  it('refuses coarse labels of CIFAR-10, and a link that leads out of the folder', async () => {
    await expect(cifar({ dir: dir('ten'), labels: 'coarse' })).rejects.toMatchObject({ code: 'SPEC_INVALID' });
    await write(dir('linked'), cifar10Files());
    await rm(dir('linked/test_batch.bin'));
    await symlink(dir('ten/test_batch.bin'), dir('linked/test_batch.bin'));
    await expect(cifar({ dir: dir('linked') })).rejects.toThrow(/leads out of the folder/);
  });
});

describe('cifarPlugin', () => {
  it('is a plugin, and the default export', () => {
    expect(() => checkPlugin(cifarPlugin)).not.toThrow();
    expect(plugin).toBe(cifarPlugin);
  });

  it('checks options, and creates what they say', async () => {
    const options = cifarPlugin.options.parse({ dir: dir('ten'), train: 5 });
    expect(sizes((await cifarPlugin.create(options, undefined)) as ClassificationDataSet)).toEqual([5, 1, 3]);
    expect(cifarPlugin.options.safeParse({ dir: 'x', classes: 20 }).success).toBe(false);
  });

  it('knows its folders by their names', () => {
    const detect = (...names: string[]) => cifarPlugin.detect?.(names);
    expect(detect(...Object.keys(cifar10Files()))).toEqual({ classes: 10 });
    expect(detect(...Object.keys(cifar100Files()), 'README')).toEqual({ classes: 100 });
    expect(detect('cifar-10-batches-bin', 'cifar-100-binary')).toEqual({});
    expect(detect('cifar-10-batches-py')).toEqual({ classes: 10 });
    expect(detect('train', 'test')).toBeUndefined();
    expect(detect('train.bin', 'test.bin')).toBeUndefined();
  });
});
