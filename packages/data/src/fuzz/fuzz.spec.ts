import { FlatminError, RandomStream } from '@flatmin/core';
import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { type SplitChoice, table, tableDataSet } from '../index.js';
import { type DataFolder, invalidFile } from '../node/index.js';
import { digestOf, fuzzFiles, mutate } from './index.js';

const valid = Uint8Array.of(3, 1, 2, 3);

/** A format of one length byte and as many bytes: a careful reader of it. */
async function careful(folder: DataFolder): Promise<void> {
  const file = await folder.open('n.bin');
  const length = (await file.read(0, 1))[0] as number;
  if (file.size !== 1 + length) invalidFile(file.name, 0, `the length is ${length}`, 'Get it again.');
}
/** Works for so many seconds of the processor. */
function busy(seconds: number): void {
  const started = process.cpuUsage();
  for (let used = 0; used < 1e6 * seconds;) {
    const { user, system } = process.cpuUsage(started);
    used = user + system;
  }
}
const fuzz = (read: (folder: DataFolder) => Promise<void>, more: object = {}) =>
  fuzzFiles({ files: { 'n.bin': valid }, read, count: 300, ...more });

describe('mutate', () => {
  it('changes most files, in many ways, the same again by the same stream', () => {
    const changed = Array.from({ length: 200 }, (_, i) => mutate(valid, new RandomStream(i)));
    expect(changed).toEqual(Array.from({ length: 200 }, (_, i) => mutate(valid, new RandomStream(i))));
    expect(new Set(changed.map((bytes) => bytes.join())).size).toBeGreaterThan(100);
    const lengths = changed.map(({ length }) => length);
    expect([Math.min(...lengths), Math.max(...lengths) > 20]).toEqual([0, true]);
    expect([...valid]).toEqual([3, 1, 2, 3]);
    expect(Array.from({ length: 100 }, (_, i) => mutate(new Uint8Array(0), new RandomStream(i))).length).toBe(100);
  });

  it('breaks copies of a Buffer too', () => {
    const file = Buffer.from(valid);
    for (let i = 0; i < 50; i++) mutate(file, new RandomStream(i));
    expect([...file]).toEqual([...valid]);
  });
});

describe('fuzzFiles', () => {
  it('counts what a careful reader refuses and accepts', async () => {
    const result = await fuzz(careful);
    expect(result.refused + result.accepted).toBe(300);
    expect(result.refused).toBeGreaterThan(100);
    expect(result.accepted).toBeGreaterThan(10);
    expect(await fuzz(careful)).toEqual(result);
  });

  it.each<[string, (folder: DataFolder) => Promise<void>, RegExp, object]>([
    [
      'throws something else',
      async () => Promise.reject(new RangeError('offset')),
      /broken folder 0 .*not a FlatminError: offset/,
      {},
    ],
    [
      'throws an error of another kind',
      async () => Promise.reject(new FlatminError('NON_FINITE', 'a')),
      /of code NON_FINITE/,
      {},
    ],
    [
      'names no file',
      async () => Promise.reject(new FlatminError('DATA_INVALID', 'broken')),
      /the error names no file: broken/,
      {},
    ],
    ['checks nothing', async () => undefined, /accepted all of 300/, {}],
    ['hangs', () => new Promise(() => undefined), /no end after 0.5 s/, { maxSeconds: 0.05 }],
    ['works too long', async () => busy(0.1), /took 0\.\d s, more than 0\.05/, { maxSeconds: 0.05 }],
    [
      'allocates what the file says',
      async () => void new Uint8Array(2 ** 26),
      /allocated \d+ bytes, more than 16777216/,
      {},
    ],
  ])('finds a reader that %s', async (_, read, message, more) => {
    await expect(fuzz(read, more)).rejects.toThrow(message);
  });
});

describe('digestOf', () => {
  const rows = (change: { value?: number; label?: number } = {}) => {
    const [features, labels] = [Float32Array.from({ length: 40 }, (_, i) => i), new Int32Array(40)];
    if (change.value !== undefined) features[3] = change.value;
    if (change.label !== undefined) labels[3] = change.label;
    return table({ features, labels, inputShape: [1], classes: 2 });
  };
  const digest = (train = rows(), choice: SplitChoice = {}) => digestOf(tableDataSet({ id: 'n', train, choice }));

  it('is the same for the same data, and another where a value, a label, the split or a size is another', async () => {
    const same = await digest();
    expect(same).toMatch(/^[0-9a-f]{12}$/);
    expect(await digest()).toBe(same);
    const others = [
      await digest(rows({ value: 3.5 })),
      await digest(rows({ label: 1 })),
      await digest(rows(), { seed: 1 }),
      await digest(rows(), { validation: 0.2 }),
    ];
    expect(new Set([same, ...others]).size).toBe(5);
  });

  it('leaves no tensor', async () => {
    const before = tf.memory().numTensors;
    await digest();
    expect(tf.memory().numTensors).toBe(before);
  });
});
