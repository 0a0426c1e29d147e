import { fuzzCount, fuzzFiles } from '@flatmin/data/fuzz';
import { type DataFolder, memoryFolder } from '@flatmin/data/node';
import { describe, expect, it } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import { cifar100Files, cifar10Files, pixel, records } from './cifar.fixture.js';
import { imageBytes, layouts, type Version } from './layout.js';
import { readCifar, type ReadCifarOptions } from './readCifar.js';

const files = { 10: cifar10Files, 100: cifar100Files };
const options = { labels: 'fine', memory: 2 ** 20 } as const;
const read = (version: Version, change: Record<string, Uint8Array> = {}, more: Partial<ReadCifarOptions> = {}) =>
  readCifar(memoryFolder('set', { ...files[version](), ...change }), layouts[version], { ...options, ...more });

const without = (missing: string) => Object.entries(cifar10Files()).filter(([name]) => name !== missing);

/** Image i as [32, 32, 3]: red, green and blue of a pixel side by side. */
const image = (i: number): number[] =>
  Array.from({ length: 1024 }, (_, p) => [pixel(i, 0, p), pixel(i, 1, p), pixel(i, 2, p)]).flat();

describe('readCifar', () => {
  it.each([2 ** 20, 0])(
    'gives images channels last, across files and in the order asked, memory %i',
    async (memory) => {
      const { train, test } = await read(10, {}, { memory });
      expect([train.size, test.size]).toEqual([10, 3]);
      const found = await train.read([7, 0, 3, 7]);
      expect(found.map((each) => [...each])).toEqual([7, 0, 3, 7].map(image));
      expect([...((await test.read([2]))[0] as Uint8Array)]).toEqual(image(12));
    },
  );

  it('places red, green and blue: the first two pixels by hand', async () => {
    const [first] = await (await read(10)).train.read([5]);
    // Planes start at 5, 85 and 165, and grow by 1 a pixel.
    expect([...(first as Uint8Array).subarray(0, 6)]).toEqual([5, 85, 165, 6, 86, 166]);
  });

  it('reads labels and names of CIFAR-10', async () => {
    const { train, test, classNames } = await read(10);
    expect([...train.labels]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect([...test.labels]).toEqual([9, 8, 7]);
    expect([classNames?.length, classNames?.[9]]).toEqual([10, 'kind9']);
  });

  it('reads fine and coarse labels of CIFAR-100, with their names', async () => {
    const fine = await read(100);
    expect([...fine.train.labels]).toEqual([0, 9, 18, 27, 36, 45, 54, 63, 72, 81]);
    expect([...fine.test.labels, fine.classNames?.[99]]).toEqual([99, 98, 'kind99']);
    const coarse = await read(100, {}, { labels: 'coarse' });
    expect([...coarse.train.labels]).toEqual([0, 2, 4, 6, 8, 10, 12, 14, 16, 18]);
    expect([...coarse.test.labels, coarse.classNames?.[19]]).toEqual([19, 18, 'group19']);
    expect([...((await coarse.train.read([4]))[0] as Uint8Array)]).toEqual(image(4));
  });

  it('finds the folder of the archive, and goes without names', async () => {
    const below = without('batches.meta.txt').map(([name, bytes]) => [`cifar-10-batches-bin/${name}`, bytes] as const);
    const folder = memoryFolder('set', Object.fromEntries(below));
    const { train, classNames } = await readCifar(folder, layouts[10], options);
    expect([train.size, classNames]).toEqual([10, undefined]);
  });

  it('reads labels of more records than one chunk has', async () => {
    const { train } = await read(100, { 'train.bin': records(0, 1030, (i) => [i % 20, i % 100]) });
    expect(Array.from(train.labels)).toEqual(Array.from({ length: 1030 }, (_, i) => i % 100));
  });
});

describe('a broken file', () => {
  const batch = records(0, 2, (i) => [i]);
  const changed = (offset: number, value: number) => batch.slice().fill(value, offset, offset + 1);
  const text = (value: string) => new TextEncoder().encode(value);
  it.each<[string, Version, Record<string, Uint8Array>, RegExp]>([
    [
      'truncated',
      10,
      { 'data_batch_2.bin': batch.slice(0, 6000) },
      /set\/data_batch_2\.bin, byte 3073: its 6000 bytes/,
    ],
    [
      'too long',
      10,
      { 'test_batch.bin': Uint8Array.from([...batch, 0]) },
      /test_batch\.bin, byte 6146: its 6147 bytes/,
    ],
    ['empty', 10, { 'data_batch_1.bin': new Uint8Array(0) }, /data_batch_1\.bin, byte 0: its 0 bytes/],
    ['of one byte', 10, { 'data_batch_1.bin': Uint8Array.of(0x80) }, /data_batch_1\.bin, byte 0: its 1 bytes/],
    ['of CIFAR-10 for CIFAR-100', 100, { 'train.bin': batch }, /train\.bin, byte 3074: .* records of 3074 bytes/],
    ['a pickle', 10, { 'data_batch_5.bin': Uint8Array.of(0x80, 4, 0x95, 0) }, /data_batch_5\.bin, byte 0: .*pickle/],
    ['packed', 10, { 'data_batch_5.bin': gzipSync(batch) }, /data_batch_5\.bin, byte 0: it is packed with gzip/],
    ['of a wrong label', 10, { 'data_batch_1.bin': changed(3073, 10) }, /byte 3073: label 1 is 10, not .* 0 to 9/],
    ['of a wrong coarse label', 100, { 'test.bin': records(0, 1, () => [20, 0]) }, /byte 0: label 0 is 20, .* 0 to 19/],
    ['of a wrong fine label', 100, { 'test.bin': records(0, 1, () => [0, 100]) }, /byte 1: label 0 is 100, .* to 99/],
    [
      'of too few names',
      10,
      { 'batches.meta.txt': text('cat\ndog\n') },
      /batches\.meta\.txt, .*2 names for 10 classes/,
    ],
    ['of names not in UTF-8', 10, { 'batches.meta.txt': Uint8Array.of(0xff, 0xfe) }, /batches\.meta\.txt, .*not UTF-8/],
    ['of names without end', 10, { 'batches.meta.txt': new Uint8Array(70_000) }, /70000 bytes, too many for names/],
  ])('%s is refused by name, place and remedy', async (_, version, change, message) => {
    await expect(read(version, change)).rejects.toMatchObject({
      code: 'DATA_FILE_INVALID',
      message: expect.stringMatching(message),
    });
  });

  it('that is missing is refused by name: nobody trains on four of five files', async () => {
    const rest = Object.fromEntries(without('data_batch_3.bin'));
    await expect(readCifar(memoryFolder('set', rest), layouts[10], options)).rejects.toMatchObject({
      code: 'DATA_FILE_MISSING',
      message: expect.stringContaining('set/data_batch_3.bin'),
    });
  });
});

describe('what is not the binary version', () => {
  const nothing = new Uint8Array(0);
  const named = (...names: string[]) => memoryFolder('set', Object.fromEntries(names.map((name) => [name, nothing])));
  it.each<[string, Version, DataFolder, string, RegExp]>([
    [
      'pickles',
      10,
      named('data_batch_1', 'test_batch', 'batches.meta'),
      'DATA_FILE_INVALID',
      /data_batch_1, .*pickles/,
    ],
    ['their folder', 10, named('cifar-10-batches-py/test_batch'), 'DATA_FILE_INVALID', /batches-py, .*pickles/],
    ['pickles of 100', 100, named('train', 'test', 'meta'), 'DATA_FILE_INVALID', /train, .* cifar-100-binary\.tar\.gz/],
    ['the archive', 100, named('cifar-100-binary.tar.gz'), 'DATA_FILE_MISSING', /Unpack it with tar -xzf/],
  ])('is refused by name: %s', async (_, version, folder, code, message) => {
    await expect(readCifar(folder, layouts[version], options)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });
});

const count = fuzzCount(5000);

describe(`${2 * count} broken folders`, () => {
  const check = (version: Version) => async (folder: DataFolder) => {
    for (const memory of [0, 2 ** 20]) {
      const { train, test, classNames } = await readCifar(folder, layouts[version], { ...options, memory });
      for (const source of [train, test]) {
        const { size, labels } = source;
        const found = await source.read([0, size - 1]);
        const whole = found.length === 2 && found.every(({ length }) => length === imageBytes);
        const known = labels.length === size && labels.every((label) => label >= 0 && label < version);
        const named = classNames === undefined || classNames.length === version;
        if (size < 1 || !whole || !known || !named) throw new Error('a wrong batch');
      }
    }
  };
  it.each<[Version]>([[10], [100]])('are refused or valid, CIFAR-%i', async (version) => {
    // Small files, so that what is broken is often a label or the size.
    const small = version === 100 && { 'train.bin': records(0, 2, (i) => [i, i]) };
    const broken = { ...files[version](), ...small };
    const { refused, accepted } = await fuzzFiles({ files: broken, read: check(version), count });
    expect(refused + accepted).toBe(count);
    expect(refused).toBeGreaterThan(count / 5);
    expect(accepted).toBeGreaterThan(count / 50);
  });
});
