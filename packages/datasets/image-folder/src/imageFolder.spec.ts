import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { RandomStream } from '@flatmin/core';
import { checkPlugin, type ClassificationDataSet, type DataPart } from '@flatmin/core/plugin';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { jpegFiles, plain, png, twoClasses, writeFiles } from './image-folder.fixture.js';
import plugin, { imageFolder, type ImageFolderOptions, imageFolderPlugin } from './index.js';

let directory = '';
const dir = (name: string): string => path.join(directory, name);
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'image-folder-'));
  await write('official', { ...twoClasses('train/', 10), ...twoClasses('val/', 3) });
  await write('classes', twoClasses('', 20));
});
afterAll(() => rm(directory, { recursive: true }));

const write = (folder: string, files: Record<string, Uint8Array>) => writeFiles(dir(folder), files);

// The threads have a spec of their own.
const small = { size: 4, resize: 4, normalize: false, workers: 0 } as const;
const open = (name: string, more: Partial<ImageFolderOptions> = {}) =>
  imageFolder({ dir: dir(name), ...small, ...more });

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
/** Red of the first pixel, which numbers the images. */
const reds = async (part: DataPart) => (await contents(part)).map(({ x }) => Math.round(255 * (x[0] as number)));

describe('imageFolder', () => {
  it('holds validation out of train, and keeps val for test', async () => {
    const data = await open('official', { validation: 0.2 });
    expect([data.id, data.task, data.inputShape, data.classes]).toEqual([
      'image-folder',
      'classification',
      [4, 4, 3],
      2,
    ]);
    expect([data.classNames, sizes(data)]).toEqual([
      ['ant', 'bee'],
      [16, 4, 6],
    ]);
    const all = [...(await reds(data.train)), ...(await reds(data.validation))];
    expect(all.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => 5 * i));
    expect(await reds(data.test)).toEqual([0, 10, 20, 5, 15, 25]);
    // Red is 10 i for the first class, 10 i + 5 for the second.
    for (const { x, y } of await contents(data.train)) expect(Math.round(255 * (x[0] as number)) % 10).toBe(5 * y);
  });

  it('splits folders of classes alone by seed', async () => {
    const data = await open('classes', { validation: 0.1, testFraction: 0.25 });
    expect(sizes(data)).toEqual([26, 4, 10]);
    const parts = await Promise.all([data.train, data.validation, data.test].map(reds));
    expect(parts.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, i) => 5 * i));
    expect(await reds((await open('classes', { testFraction: 0.25, seed: 1 })).test)).not.toEqual(parts[2]);
  });

  it('scales, cuts, and normalizes by the constants of ImageNet unless told otherwise', async () => {
    await write('sizes', { 'a/1.png': plain(255, 9), 'b/1.jpg': jpegFiles.base, 'b/2.jpg': jpegFiles.gray });
    const data = await open('sizes', { validation: 0, testFraction: 0, normalize: undefined, resize: undefined });
    const found = (await contents(data.train)).find(({ y }) => y === 0);
    // Red is 1, green 0, blue 128 / 255.
    expect(found?.x[0]).toBeCloseTo((1 - 0.485) / 0.229, 5);
    expect(found?.x[1]).toBeCloseTo((0 - 0.456) / 0.224, 5);
    expect(found?.x[2]).toBeCloseTo((128 / 255 - 0.406) / 0.225, 5);
    const gray = await open('sizes', {
      validation: 0,
      testFraction: 0,
      channels: 1,
      shape: 'flat',
      normalize: undefined,
    });
    expect(gray.inputShape).toEqual([16]);
    const luminance = (await contents(gray.train)).find(({ y }) => y === 0)?.x[0];
    // .299 * 255 + .114 * 128 = 90.8
    expect(luminance).toBeCloseTo(91 / 255, 6);
  });

  it('case 36: has the size of images that are smaller than those of ImageNet, and leaves them as they are', async () => {
    const stripes = png(32, 32, (x) => [8 * x, 0, 0]);
    await write('thumbnails', { 'a/1.png': stripes, 'a/2.png': plain(7, 32), 'b/1.png': plain(9, 32) });
    const all = { validation: 0, testFraction: 0, size: undefined, resize: undefined };
    const data = await open('thumbnails', all);
    expect(data.inputShape).toEqual([32, 32, 3]);
    const row = (await contents(data.train)).map(({ x }) =>
      Array.from({ length: 32 }, (_, i) => 255 * (x[3 * i] as number)),
    );
    const expected = Array.from({ length: 32 }, (_, i) => 8 * i);
    expect(row.some((reds) => reds.every((red, i) => Math.abs(red - (expected[i] as number)) < 1e-3))).toBe(true);
    // Of other sizes the largest shorter side, and 224 at most; with a size given all is as it was.
    await write('mixed', { 'a/1.png': png(50, 20, () => [1, 2, 3]), 'b/1.png': png(30, 40, () => [1, 2, 3]) });
    expect((await open('mixed', all)).inputShape).toEqual([30, 30, 3]);
    await write('large', { 'a/1.png': plain(1, 300), 'b/1.png': plain(2, 40) });
    expect((await open('large', all)).inputShape).toEqual([224, 224, 3]);
    expect((await open('thumbnails', { ...all, size: 64 })).inputShape).toEqual([64, 64, 3]);
  });

  it('gives the same in any batch size, kept or decoded again', async () => {
    const shuffle = new RandomStream(3);
    const augment = [{ use: 'crop', padding: 1 }, { use: 'flip' }] as const;
    const read = async (memory: number, batchSize: number) =>
      contents((await open('official', { memory, augment })).train, shuffle, batchSize);
    const expected = await read(0, 3);
    expect(await read(2 ** 20, 9)).toEqual(expected);
    expect(await contents((await open('official')).train, shuffle)).not.toEqual(expected);
  });

  it('has sizes by choice, and label noise of the exact rate', async () => {
    expect(sizes(await open('official', { train: 9, test: 2 }))).toEqual([9, 1, 2]);
    const [clean, noisy] = [await open('official'), await open('official', { labelNoise: { rate: 0.5 } })];
    const pairs = [await contents(clean.train), await contents(noisy.train)] as const;
    expect(pairs[0].filter(({ y }, i) => y !== pairs[1][i]?.y)).toHaveLength(9);
  });

  it('refuses links that lead out of the folder: of an image, and of a class', async () => {
    await write('linked', twoClasses('', 3));
    await symlink(dir('official/train/ant/0.png'), dir('linked/ant/9.png'));
    const linked = await open('linked', { testFraction: 0, validation: 0 });
    await expect(contents(linked.train)).rejects.toThrow(/ant\/9\.png: leads out of the folder.*Replace the link/);
    await symlink(dir('official/train/ant'), dir('linked/cat'));
    await expect(open('linked')).rejects.toThrow(/cat: leads out of the folder/);
  });

  it('refuses a missing folder, and a resize below size', async () => {
    await expect(open('nowhere')).rejects.toMatchObject({ code: 'DATA_FILE_MISSING' });
    await expect(open('official', { resize: 3 })).rejects.toThrow(/resize is 3, and size is 4\. Give at least 4/);
  });
});

describe('imageFolderPlugin', () => {
  it('is a plugin, and the default export', () => {
    expect(() => checkPlugin(imageFolderPlugin)).not.toThrow();
    expect(plugin).toBe(imageFolderPlugin);
  });

  it('checks options, and creates what they say', async () => {
    const options = imageFolderPlugin.options.parse({ dir: dir('official'), train: 5, size: 8, workers: 0 });
    const data = (await imageFolderPlugin.create(options, undefined)) as ClassificationDataSet;
    expect([data.inputShape, sizes(data)]).toEqual([
      [8, 8, 3],
      [5, 1, 6],
    ]);
    for (const wrong of [{ channels: 2 }, { size: 0 }, { maxPixels: 2 ** 40 }, { wokers: 1 }]) {
      expect(imageFolderPlugin.options.safeParse({ dir: 'x', ...wrong }).success).toBe(false);
    }
  });

  it('case 37: reads images without labels as it reads its own: a folder, with what is below it, or a file', async () => {
    const data = await open('official');
    const [first] = await contents(data.test);
    const others = await data.unlabelled?.(dir('official/val'));
    expect(others?.size).toBe(6);
    expect(others?.nameOf(0)).toMatch(/^ant\/.*\.png$/);
    for (const place of ['official/val', `official/val/${others?.nameOf(0)}`]) {
      for await (const x of (await data.unlabelled?.(dir(place)))?.batches({ batchSize: 1 }) ?? []) {
        expect([...x.dataSync()]).toEqual(first?.x);
        x.dispose();
        break;
      }
    }
    await expect(data.unlabelled?.(dir('nowhere'))).rejects.toMatchObject({ code: 'DATA_FILE_MISSING' });
  });
});
