import type { ExampleSource } from '@flatmin/data';
import { fuzzCount, fuzzFiles } from '@flatmin/data/fuzz';
import { type DataFolder, memoryFolder } from '@flatmin/data/node';
import { describe, expect, it } from '@jest/globals';
import { fourFiles, gzip, idxBytes, part } from './idx.fixture.js';
import { readIdx } from './readIdx.js';

const options = { classes: 4, memory: 2 ** 20 };
const names = Object.keys(fourFiles()) as [string, string, string, string];
const [trainImages, trainLabels, testImages, testLabels] = names;
const folder = (change: Record<string, Uint8Array> = {}) => memoryFolder('set', { ...fourFiles(), ...change });

/** Every image as [label, ...pixels]. */
async function rows(from: DataFolder, change: object = {}) {
  const { train, test } = await readIdx(from, { ...options, ...change });
  const read = async (source: typeof train) =>
    (await source.read(source.labels.map((_, i) => i))).map((image, i) => [source.labels[i] as number, ...image]);
  return { train: await read(train), test: await read(test as ExampleSource) };
}

describe('readIdx', () => {
  it.each([
    ['from memory', {}],
    ['as they are used', { memory: 0 }],
  ])('gives images and labels in file order, %s', async (_, change) => {
    const { train, test } = await rows(folder(), change);
    expect([train.length, test.length]).toEqual([20, 5]);
    expect(train[3]).toEqual([3, 30, 31, 32, 33, 34, 35]);
    expect(test[4]).toEqual([0, 40, 41, 42, 43, 44, 45]);
  });

  it('reads gzip by content, and both ways of naming, with the same result', async () => {
    const plain = await rows(folder());
    const packed = Object.entries(fourFiles()).map(([name, bytes]) => [
      `${name.replace('t10k', 'test').replace(/-(idx\d)/, '.$1')}.gz`,
      gzip(bytes),
    ]);
    expect(await rows(memoryFolder('set', Object.fromEntries(packed) as never))).toEqual(plain);
    // Packed, though its name does not say so.
    expect(await rows(folder({ [trainImages]: gzip(part(20).images) }))).toEqual(plain);
  });

  it('transposes EMNIST images and shifts its labels', async () => {
    const square = idxBytes(
      [20, 2, 2],
      Array.from({ length: 80 }, (_, i) => i % 4),
    );
    const change = { [trainImages]: square, [testImages]: idxBytes([5, 2, 2], new Array<number>(20).fill(7)) };
    const shifted = { ...change, [trainLabels]: part(20, 1).labels, [testLabels]: part(5, 1).labels };
    const { train } = await rows(folder(shifted), { transpose: true, labelOffset: -1 });
    expect(train[5]).toEqual([1, 0, 2, 1, 3]);
    // 2 x 3 as stored, 0 1 2 / 3 4 5, is an image of 3 x 2.
    expect((await rows(folder(), { transpose: true })).train[0]).toEqual([0, 0, 3, 1, 4, 2, 5]);
    expect(await readIdx(folder(), { ...options, transpose: true })).toMatchObject({ height: 3, width: 2 });
  });

  it('asks which where several sets share a folder', async () => {
    const both = Object.entries(fourFiles()).flatMap(([name, bytes]) => [
      [`emnist-a-${name}`, bytes],
      [`emnist-b-${name}`, bytes],
    ]);
    const shared = memoryFolder('set', Object.fromEntries(both) as never);
    await expect(readIdx(shared, options)).rejects.toMatchObject({ code: 'DATA_FILE_MISSING' });
    expect((await readIdx(shared, { ...options, prefix: 'emnist-b-' })).train.size).toBe(20);
  });
});

describe('a broken file', () => {
  const header = (...bytes: number[]) => Uint8Array.from([...bytes, ...new Array<number>(30).fill(1)]);
  it.each<[string, Record<string, Uint8Array>, RegExp]>([
    [
      'is truncated',
      { [trainImages]: part(20).images.slice(0, 100) },
      /train-images.*byte 4: sizes 20 x 2 x 3 need 136/,
    ],
    ['is too long', { [trainLabels]: Uint8Array.from([...part(20).labels, 0]) }, /train-labels.*need 28 .* has 29/],
    ['claims 2 GB', { [trainImages]: header(0, 0, 8, 3, 0, 8, 0, 0, 0, 0, 16, 0, 0, 0, 16, 0) }, /the file has 46/],
    ['claims 2^96 bytes', { [trainImages]: header(0, 0, 8, 3, ...new Array<number>(12).fill(255)) }, /the file has 46/],
    [
      'claims them packed',
      { [trainImages]: gzip(header(0, 0, 8, 3, 0, 8, 0, 0, 0, 0, 16, 0, 0, 0, 16, 0)) },
      /unpacks to more/,
    ],
    ['is empty', { [trainImages]: new Uint8Array(0) }, /byte 0: the file ends within the first four bytes/],
    [
      'ends in the header',
      { [trainImages]: Uint8Array.of(0, 0, 8, 3, 0, 0) },
      /byte 6: the file ends within the header/,
    ],
    ['has another magic', { [trainImages]: header(0x89, 0x50, 0x4e, 0x47) }, /starts with 89 50 4e 47/],
    ['is a pickle', { [trainImages]: header(0x80, 4, 0x95, 0) }, /like a Python pickle/],
    ['holds floats', { [trainImages]: header(0, 0, 0x0d, 3) }, /byte 2: its elements are 32-bit floats/],
    ['is the other kind', { [trainImages]: part(20).labels }, /byte 3: it has 1 dimensions, images have 3/],
    ['has no images', { [trainImages]: idxBytes([0, 2, 3], []) }, /dimension 0 has size 0/],
    ['has labels for fewer', { [trainLabels]: part(19).labels }, /19 labels for the 20 images/],
    [
      'has a label out of range',
      { [testLabels]: part(5, 1).labels },
      /t10k-labels.*byte 11: label 3 is 4, not a class from 0 to 3/,
    ],
    [
      'has another image size',
      { [testImages]: idxBytes([5, 3, 2], new Array<number>(30).fill(0)) },
      /3 x 2, and those for training are 2 x 3/,
    ],
    ['is broken gzip', { [trainImages]: gzip(part(20).images).fill(0xff, 12, 30) }, /the gzip data is broken/],
  ])('that %s is refused by name, place and remedy', async (_, change, message) => {
    await expect(readIdx(folder(change), options)).rejects.toMatchObject({
      code: 'DATA_FILE_INVALID',
      message: expect.stringMatching(message),
    });
  });

  it('that is missing is refused by name', async () => {
    const rest = Object.entries(fourFiles()).filter(([name]) => name !== testLabels);
    await expect(readIdx(memoryFolder('set', Object.fromEntries(rest)), options)).rejects.toMatchObject({
      code: 'DATA_FILE_MISSING',
      message: expect.stringContaining('set/t10k-labels-idx1-ubyte'),
    });
  });
});

const count = fuzzCount(5000);

describe(`${2 * count} broken folders`, () => {
  const read = async (broken: DataFolder): Promise<void> => {
    for (const memory of [0, 2 ** 20]) {
      const { train, test, height, width } = await readIdx(broken, { classes: 4, memory });
      for (const source of [train, ...(test ? [test] : [])]) {
        const { size, labels } = source;
        const images = await source.read(Array.from({ length: size }, (_, i) => i));
        const whole = images.every((image) => image.length === height * width);
        const known = labels.length === size && labels.every((label) => label >= 0 && label < 4);
        if (size < 1 || !whole || !known) throw new Error('a wrong batch');
      }
    }
  };
  it.each([
    ['raw', fourFiles()],
    ['packed', Object.fromEntries(Object.entries(fourFiles()).map(([name, bytes]) => [`${name}.gz`, gzip(bytes)]))],
  ])('are refused or valid, %s', async (_, files) => {
    const { refused, accepted } = await fuzzFiles({ files, read, count });
    expect(refused + accepted).toBe(count);
    expect(refused).toBeGreaterThan(count / 5);
    expect(accepted).toBeGreaterThan(count / 500);
  });
});
