import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type ExampleSource, streamPart } from '@flatmin/data';
import { fuzzCount, fuzzFiles } from '@flatmin/data/fuzz';
import { type DataFolder, memoryFolder, openFolder } from '@flatmin/data/node';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FlatminError } from '@flatmin/core';
import * as tf from '@tensorflow/tfjs-core';
import { DecodePool } from './decodePool.js';
import { jpegFiles, plain, twoClasses, writeFiles } from './image-folder.fixture.js';
import { listImages } from './listImages.js';
import { readImages } from './readImages.js';

let directory = '';
// The threads run what is built.
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'read-images-'));
});
afterAll(() => rm(directory, { recursive: true }));

const options = {
  size: 4,
  resize: 4,
  channels: 3,
  convert: true,
  maxPixels: 2 ** 20,
  workers: 0,
  memory: 0,
} as const;
const files = { ...twoClasses('train/', 20), ...twoClasses('val/', 2) };
async function read(more: object = {}, from: DataFolder = memoryFolder('set', files)) {
  const lists = await listImages(from);
  return { classNames: lists.classNames, ...readImages(from, lists, { ...options, ...more }) };
}
/** From disk, as threads read. */
async function readFiles(workers: number, all: Readonly<Record<string, Uint8Array>> = files) {
  const folder = await mkdtemp(path.join(directory, 'set-'));
  await writeFiles(folder, all);
  return { folder, ...(await read({ workers }, await openFolder(folder))) };
}

/** Red of each example of a source, as a stream reads it. */
async function reds(source: ExampleSource, batchSize = 7): Promise<number[]> {
  const part = streamPart({
    source,
    assemble: (records) => ({
      x: { values: Float32Array.from(records, (record) => record[0] as number), shape: [records.length] },
      y: { values: new Int32Array(records.length), shape: [records.length] },
    }),
  });
  const found: number[] = [];
  for await (const { x, y } of part.batches({ batchSize })) {
    found.push(...x.dataSync());
    tf.dispose([x, y]);
  }
  return found;
}
const tens = (count: number, more: number) => Array.from({ length: count }, (_, i) => 10 * i + more);
/** By name: 0, 1, 10, 11, ..., 19, 2, 3, ... */
const byName = <T>(values: readonly T[]): T[] =>
  values
    .map((value, i) => ({ value, name: String(i) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ value }) => value);
const expected = [...byName(tens(20, 0)), ...byName(tens(20, 5))];

describe('readImages', () => {
  it.each([0, 1, 3])('gives examples in the order asked for, %i threads', async (workers) => {
    const { train, test, classNames } = await readFiles(workers);
    expect([classNames, train.size, test?.size]).toEqual([['ant', 'bee'], 40, 4]);
    expect(await reds(train)).toEqual(expected);
    expect(await reds(test as ExampleSource)).toEqual([0, 10, 5, 15]);
    const [first, second] = await train.read([39, 0]);
    expect([first?.length, first?.[0], second?.[0], second?.[2]]).toEqual([48, 95, 0, 128]);
  });

  it('keeps examples where they fit, and only then', async () => {
    for (const [memory, opens] of [
      [44 * 48, 44],
      [44 * 48 - 1, 88],
    ] as const) {
      let opened = 0;
      const folder = memoryFolder('set', files);
      const counting = { ...folder, open: (name: string) => ((opened += 1), folder.open(name)) };
      const { train, test } = await read({ memory }, counting);
      for (let epoch = 0; epoch < 2; epoch++) {
        expect(await reds(train)).toEqual(expected);
        await reds(test as ExampleSource);
      }
      expect(opened).toBe(opens);
    }
  });

  it('has no more than two files on their way without threads', async () => {
    const folder = memoryFolder('set', files);
    let [now, most] = [0, 0];
    const slow = {
      ...folder,
      open: async (name: string) => {
        most = Math.max(most, ++now);
        await new Promise((resume) => setTimeout(resume, 1));
        now -= 1;
        return folder.open(name);
      },
    };
    await reds((await read({ workers: 0 }, slow)).train, 40);
    expect(most).toBe(2);
  });

  it.each([0, 2])('says of the first broken image of a batch which it is, %i threads', async (workers) => {
    const broken = { ...files, 'train/ant/1.png': plain(1).slice(0, 40), 'train/ant/10.png': new Uint8Array(0) };
    const { folder, train } = await readFiles(workers, broken);
    const refusal = reds(train);
    await expect(refusal).rejects.toBeInstanceOf(FlatminError);
    await expect(refusal).rejects.toMatchObject({ code: 'DATA_FILE_INVALID' });
    await expect(refusal).rejects.toThrow(path.join(folder, 'train/ant/1.png, byte 40: '));
    await expect(refusal).rejects.toThrow(/it is truncated\. Get the file again/);
  });
});

describe('the threads', () => {
  const setting = async () => {
    const dir = await mkdtemp(path.join(directory, 'pool-'));
    await writeFiles(dir, { '7.png': plain(7), '8.png': plain(8), '9.png': plain(9) });
    return { dir, options };
  };
  /** Threads of this process beside its own. */
  const threads = () => process.getActiveResourcesInfo().filter((kind) => kind === 'MessagePort').length;

  it('end with the stream, also where it is left early or fails', async () => {
    const before = threads();
    const { train } = await readFiles(2);
    const part = streamPart({
      source: train,
      assemble: () => ({
        x: { values: new Float32Array(1), shape: [1] },
        y: { values: new Int32Array(1), shape: [1] },
      }),
    });
    for await (const { x, y } of part.batches({ batchSize: 4 })) {
      tf.dispose([x, y]);
      break;
    }
    expect(threads()).toBe(before);
    expect(await reds(train)).toEqual(expected);
  });

  it('are shared by the streams of a data set', async () => {
    const { train, test } = await readFiles(2);
    const both = await Promise.all([reds(train), reds(test as ExampleSource), reds(train, 3)]);
    expect(both).toEqual([expected, [0, 10, 5, 15], expected]);
  });

  it('work while the thread that asked is busy, on all that was asked', async () => {
    const pool = new DecodePool(1, await setting());
    const order: string[] = [];
    const all = ['7.png', '8.png', '9.png'].map((name) => pool.read(name).then(() => order.push(name)));
    await all[0];
    // No message of this thread can be sent or arrive meanwhile.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
    // One turn of the event loop, in which what has been done arrives.
    await new Promise((resume) => setImmediate(resume));
    expect(order).toEqual(['7.png', '8.png', '9.png']);
    await Promise.all(all);
    await pool.close();
  });

  it('say so where they end, and after that', async () => {
    const pool = new DecodePool(1, await setting());
    expect([...(await pool.read('7.png'))].slice(0, 3)).toEqual([7, 0, 128]);
    const pending = pool.read('8.png');
    const refused = expect(pending).rejects.toThrow(/were ended/);
    await pool.close();
    await refused;
    await expect(pool.read('8.png')).rejects.toThrow(/were ended/);
  });

  it('refuse a folder that is not there, and a file', async () => {
    const [lost, found] = [
      new DecodePool(1, { dir: path.join(directory, 'no'), options }),
      new DecodePool(1, await setting()),
    ];
    await expect(lost.read('7.png')).rejects.toMatchObject({ code: 'DATA_FILE_MISSING' });
    await expect(found.read('77.png')).rejects.toMatchObject({ code: 'DATA_FILE_MISSING' });
    await Promise.all([lost.close(), found.close()]);
  });

  it('that cannot start fail what was asked of them', async () => {
    const pool = new DecodePool(1, await setting(), new URL('./nowhere.js', 'file:///'));
    await expect(pool.read('7.png')).rejects.toThrow(/Cannot find module/);
    await pool.close();
  });
});

const count = fuzzCount(3334);

describe(`${3 * count} broken folders`, () => {
  const check = async (folder: DataFolder): Promise<void> => {
    const { train, test } = await read({}, folder);
    for (const source of [train, test as ExampleSource]) {
      const found = await source.read(Array.from({ length: source.size }, (_, i) => i));
      const whole = found.length === source.size && found.every(({ length }) => length === 48);
      const known = source.labels.every((label) => label === 0 || label === 1);
      if (!whole || !known) throw new Error('a wrong batch');
    }
  };
  it.each([
    ['baseline and gray JPEG', { 'train/a/1.jpg': jpegFiles.base, 'train/b/1.jpg': jpegFiles.gray }],
    ['progressive and CMYK JPEG', { 'train/a/1.jpg': jpegFiles.progressive, 'train/b/1.jpg': jpegFiles.cmyk }],
    ['PNG', { 'train/a/1.png': plain(1), 'train/b/1.png': plain(2, 3) }],
  ])(
    'are refused or valid, %s',
    async (_, train) => {
      const broken = { ...train, 'val/a/1.png': plain(3, 2) };
      const { refused, accepted } = await fuzzFiles({ files: broken, read: check, count });
      expect(refused + accepted).toBe(count);
      expect(refused).toBeGreaterThan(count / 4);
      expect(accepted).toBeGreaterThan(count / 400);
    },
    120_000,
  );
});
