import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { checkPlugin, type DataPart, type SequencePairDataSet } from '@flatmin/core/plugin';
import { fuzzCount, fuzzFiles } from '@flatmin/data/fuzz';
import { memoryFolder } from '@flatmin/data/node';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import plugin, { cmudict, cmudictPlugin } from './index.js';
import { readCmudict } from './readCmudict.js';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const dictionary = [
  ';;; # a comment',
  '!EXCLAMATION-POINT  EH2 K S K L AH0 M EY1 SH AH0 N P OY2 N T',
  "A'S  EY1 Z",
  'A  AH0',
  'A(1)  EY1',
  'CAT  K AE1 T',
  'COO  K UW1',
  '',
  "'  AH0",
].join('\n');

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'cmudict-'));
  await mkdir(path.join(directory, 'one'));
  await writeFile(path.join(directory, 'one/dict.txt'), dictionary);
});
afterAll(() => rm(directory, { recursive: true }));

async function entries({ vocabulary, targetVocabulary }: SequencePairDataSet, part: DataPart<tf.Tensor2D>) {
  const found: string[] = [];
  for await (const { x, y } of part.batches({ batchSize: 3 })) {
    const targets = y.arraySync();
    (x.arraySync() as number[][]).forEach((ids, i) => {
      const letters = ids.filter((id) => id > 2).map((id) => vocabulary.tokens[id]);
      const phones = (targets[i] as number[]).filter((id) => id > 2).map((id) => targetVocabulary.tokens[id]);
      found.push(`${letters.join('')} ${phones.join(' ')}`);
    });
    tf.dispose([x, y]);
  }
  return found.sort();
}

describe('cmudict', () => {
  it('has words of letters and apostrophes, the first pronunciation of each, without stress', async () => {
    const data = await cmudict({ dir: path.join(directory, 'one'), validation: 0, testFraction: 0.2 });
    expect([data.id, data.task, data.train.size, data.test.size]).toEqual(['cmudict', 'sequence-to-sequence', 3, 1]);
    const words = await readCmudict(memoryFolder('c', { 'dict.txt': encode(dictionary) }), 'strip');
    expect(
      (await words.read([0, 1, 2, 3])).map(({ source, target }) => `${source.join('')} ${target.join(' ')}`),
    ).toEqual(["A'S EY Z", 'A AH', 'CAT K AE T', 'COO K UW']);
    for (const entry of await entries(data, data.train))
      expect(["A'S EY Z", 'A AH', 'CAT K AE T', 'COO K UW']).toContain(entry);
  });

  it('keeps stress when asked, and reads the newer form of the dictionary', async () => {
    const newer = memoryFolder('c', { 'cmudict.dict': encode('cat K AE1 T # an animal\na(2) EY1\na AH0\n') });
    const words = await readCmudict(newer, 'keep');
    expect(await words.read([1, 0])).toEqual([
      { source: ['A'], target: ['AH0'] },
      { source: ['C', 'A', 'T'], target: ['K', 'AE1', 'T'] },
    ]);
  });

  it.each<[string, string, RegExp]>([
    ['an unknown phone', 'CAT  K AE1 X\n', /dict\.txt, byte 0: the entry "CAT" has "X", which is not a phone/],
    ['stress of a consonant', 'A  AH0\nCAT  K1 AE1 T\n', /byte 7: the entry "CAT" has "K1", which/],
    ['no phone', 'A  AH0\nCAT\n', /byte 7: the entry "CAT" has no phone/],
    ['no word', ';;; nothing\n', /it has no word/],
  ])('refuses %s', async (_, text, message) => {
    await expect(readCmudict(memoryFolder('c', { 'dict.txt': encode(text) }), 'strip')).rejects.toMatchObject({
      code: 'DATA_FILE_INVALID',
      message: expect.stringMatching(message),
    });
  });

  it('fills up to multiples of 8, or of another number', async () => {
    const shapes = async (lengthMultiple?: number) => {
      const dir = path.join(directory, 'one');
      const { train } = await cmudict({ dir, validation: 0, testFraction: 0.2, lengthMultiple });
      for await (const { x, y } of train.batches({ batchSize: 3 })) {
        tf.dispose([x, y]);
        return [x.shape, y.shape];
      }
      return [];
    };
    expect(await shapes()).toEqual([[3, 8], [3, 8]]); // prettier-ignore
    expect(await shapes(3)).toEqual([[3, 3], [3, 6]]); // prettier-ignore
  });

  it('says what is missing', async () => {
    await expect(cmudict({ dir: directory })).rejects.toMatchObject({ code: 'DATA_FILE_MISSING' });
  });

  const count = fuzzCount(10_000);
  it(`refuses or reads rightly ${count} broken copies`, async () => {
    const { refused, accepted } = await fuzzFiles({
      files: { 'dict.txt': encode(dictionary) },
      count,
      read: async (folder) => {
        const words = await readCmudict(folder, 'strip');
        const all = await words.read(Array.from({ length: words.size }, (_, i) => i));
        const whole = all.every(
          ({ source, target }) =>
            /^[A-Z']+$/.test(source.join('')) &&
            target.length > 0 &&
            target.every((phone) => /^[A-Z]{1,2}$/.test(phone)),
        );
        if (words.size < 1 || !whole) throw new Error('a wrong word');
      },
    });
    expect(refused + accepted).toBe(count);
    expect(refused).toBeGreaterThan(count / 10);
    expect(accepted).toBeGreaterThan(count / 20);
  });
});

describe('cmudictPlugin', () => {
  it('is a plugin, and the default export', async () => {
    expect(() => checkPlugin(cmudictPlugin)).not.toThrow();
    expect(plugin).toBe(cmudictPlugin);
    const options = cmudictPlugin.options.parse({
      dir: path.join(directory, 'one'),
      testFraction: 0.25,
      validation: 0.25,
    });
    expect((await cmudictPlugin.create(options, undefined)).train.size).toBe(2);
    expect(cmudictPlugin.options.safeParse({ stress: 'no' }).success).toBe(false);
    expect(cmudictPlugin.detect?.(['dict.txt', 'phones.txt'])).toEqual({});
    expect(cmudictPlugin.detect?.(['words.txt'])).toBeUndefined();
  });
});

describe('the dictionary as npm installs it', () => {
  it('has 123,874 words, 27 characters and 39 or 69 phones', async () => {
    const data = await cmudict();
    expect(data.train.size + data.validation.size + data.test.size).toBe(123_874);
    expect([data.vocabulary.size, data.targetVocabulary.size, data.classes]).toEqual([31, 43, 43]);
    expect((await cmudict({ stress: 'keep', train: 60_000 })).classes).toBe(73);
  });

  it('takes a small train part', async () => {
    const data = await cmudict({ train: 1000, test: 50 });
    // 12,387 of 105,293 words are for validation at 0.1 and 0.05.
    expect([data.train.size, data.validation.size, data.test.size]).toEqual([1000, 118, 50]);
    expect((await entries(data, data.test)).length).toBe(50);
  });
});
