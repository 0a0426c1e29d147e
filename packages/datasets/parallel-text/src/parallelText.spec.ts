import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { checkPlugin, type DataPart, type SequencePairDataSet, type Vocabulary } from '@flatmin/core/plugin';
import { fuzzCount, fuzzFiles } from '@flatmin/data/fuzz';
import { memoryFolder } from '@flatmin/data/node';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import plugin, { parallelText, parallelTextPlugin } from './index.js';
import { readDing } from './readDing.js';
import { readPairs } from './readPairs.js';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const spaced = (text: string): string[] => text.match(/\S+/g) ?? [];

/** As fairseq prepares IWSLT'14: tokenized, lower-cased, subwords end in `@@`. */
const files = {
  'train.de': 'das ist ein hau@@ s .\nja !\n\nviel zu lang , dies hier\n',
  'train.en': 'this is a hou@@ se .\nyes !\nempty\nfar too long , this one\n',
  'valid.de': 'ein hau@@ s\n',
  'valid.en': 'a hou@@ se\n',
  'test.de': 'ja , das ist ein sehr langer satz\n\n',
  'test.en': 'yes , this is a very long sentence\nnothing\n',
  code: '#version: 0.2\n',
};

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'pairs-'));
});
afterAll(() => rm(directory, { recursive: true }));
let folders = 0;
async function folder(content: Record<string, string>): Promise<string> {
  const dir = path.join(directory, String(folders++));
  await mkdir(dir);
  for (const [name, text] of Object.entries(content)) await writeFile(path.join(dir, name), text);
  return dir;
}

const text = ({ tokens }: Vocabulary, ids: number[]): string =>
  ids.filter((id) => id > 2).map((id) => tokens[id]).join(' '); // prettier-ignore
async function sentences(data: SequencePairDataSet, part: DataPart<tf.Tensor2D>) {
  const found: [string, string][] = [];
  for await (const { x, y } of part.batches({ batchSize: 2 })) {
    const [from, to] = [x.arraySync() as number[][], y.arraySync()];
    from.forEach((ids, i) => found.push([text(data.vocabulary, ids), text(data.targetVocabulary, to[i] as number[])]));
    tf.dispose([x, y]);
  }
  return found.sort();
}

describe('parallelText', () => {
  it('reads the official parts, undoes subwords, and leaves empty and long pairs out of train alone', async () => {
    const data = await parallelText({ dir: await folder(files), maxLength: 5 });
    expect([data.id, data.task, data.inputShape, data.classes]).toEqual([
      'parallel-text',
      'sequence-to-sequence',
      [8],
      11,
    ]);
    expect([data.train.size, data.validation.size, data.test.size]).toEqual([2, 1, 2]);
    expect(await sentences(data, data.train)).toEqual([
      ['das ist ein haus .', 'this is a house .'],
      ['ja !', 'yes !'],
    ]);
    expect(await sentences(data, data.validation)).toEqual([['ein haus', 'a house']]);
    expect((await sentences(data, data.test)).map(([source]) => source.split(' ').length)).toEqual([1, 8]);
  });

  it('case 36: reads packed files, names in any case, and files by name', async () => {
    const expected = await parallelText({ dir: await folder(files), maxLength: 5 });
    const inParts = async (data: SequencePairDataSet) => [
      await sentences(data, data.train),
      await sentences(data, data.validation),
      await sentences(data, data.test),
    ];
    const packed = await folder(
      Object.fromEntries(Object.entries(files).filter(([name]) => !name.startsWith('train'))),
    );
    for (const name of ['train.de', 'train.en'] as const)
      await writeFile(path.join(packed, `${name}.gz`), gzipSync(files[name]));
    expect(await inParts(await parallelText({ dir: packed, maxLength: 5 }))).toEqual(await inParts(expected));
    const texts = Object.entries(files).filter(([name]) => name !== 'code');
    const capitals = await folder(
      Object.fromEntries(texts.map(([name, text]) => [name.replace(/^./, (c) => c.toUpperCase()), text])),
    );
    expect(await inParts(await parallelText({ dir: capitals, maxLength: 5 }))).toEqual(await inParts(expected));
    const named = await folder(Object.fromEntries(texts.map(([name, text]) => [`corpus-${name}`, text])));
    const byName = {
      train: ['corpus-train.de', 'corpus-train.en'],
      validation: ['corpus-valid.de', 'corpus-valid.en'],
      test: ['corpus-test.de', 'corpus-test.en'],
    } as const;
    expect(await inParts(await parallelText({ dir: named, files: byName, maxLength: 5 }))).toEqual(
      await inParts(expected),
    );
  });

  it('keeps subwords when asked, and takes the other direction', async () => {
    const data = await parallelText({ dir: await folder(files), subwords: 'keep', source: 'en', target: 'de' });
    expect(await sentences(data, data.validation)).toEqual([['a hou@@ se', 'ein hau@@ s']]);
    expect(data.train.size).toBe(3);
  });

  it('gives targets between begin and end, padded to the longest of the batch', async () => {
    const { train } = await parallelText({ dir: await folder(files), maxLength: 5, lengthMultiple: 1 });
    for await (const { x, y } of train.batches({ batchSize: 2 })) {
      expect([x.shape, y.shape, x.dtype, y.dtype]).toEqual([[2, 5], [2, 7], 'int32', 'int32']);
      const rows = y.arraySync().sort((a, b) => (a[6] as number) - (b[6] as number));
      expect(rows.map((row) => [row[0], row[3], row[4], row[6]])).toEqual([
        [1, 2, 0, 0],
        [1, expect.any(Number), expect.any(Number), 2],
      ]);
      tf.dispose([x, y]);
    }
  });

  it('holds validation and test out by seed where there are none, and finds words in any text', async () => {
    const lines = Array.from({ length: 20 }, (_, i) => `Nr. ${i}, bitte!`).join('\n');
    const dir = await folder({ 'train.src': lines, 'train.tgt': lines });
    const data = await parallelText({ dir, tokens: 'words', memory: 0, train: 8, test: 1 });
    expect([data.train.size, data.validation.size, data.test.size]).toEqual([8, 1, 1]);
    expect(
      (await sentences(data, data.train)).every(([from, to]) => from === to && /^nr \. \d+ , bitte !$/.test(from)),
    ).toBe(true);
    const whole = await parallelText({ dir, lowerCase: false });
    expect([whole.train.size, whole.validation.size, whole.test.size]).toEqual([16, 2, 2]);
    expect(whole.vocabulary.tokens).toContain('Nr.');
  });

  it.each<[string, Record<string, string>, object, string, RegExp]>([
    [
      'another number of lines',
      { 'train.en': 'yes\n' },
      {},
      'DATA_FILE_INVALID',
      /train\.en, byte 0: it has 1 lines, .*train\.de has 4/,
    ],
    ['no lines', { 'test.de': '' }, {}, 'DATA_FILE_INVALID', /test\.de, byte 0: it has no lines/],
    ['only long pairs', {}, { maxLength: 1 }, 'DATA_FILE_INVALID', /no pair has from 1 to 1 tokens/],
    ['another language', {}, { target: 'fr' }, 'DATA_FILE_MISSING', /train\.fr: cannot be found/],
    [
      'three languages',
      { 'train.fr': 'oui\n' },
      {},
      'DATA_FILE_MISSING',
      /the files of train are: train\.de, train\.en, train\.fr/,
    ],
    ['one language as both', {}, { source: 'en' }, 'DATA_FILE_MISSING', /as `source` and `target`/],
  ])('refuses %s', async (_, change, options, code, message) => {
    const dir = await folder({ ...files, ...change });
    await expect(parallelText({ dir, ...options })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  it('refuses neither dir nor set', async () => {
    await expect(parallelText({})).rejects.toMatchObject({ code: 'SPEC_INVALID' });
  });
});

const entries = [
  '# Ding, a comment :: with a mark.',
  'Aal {m} | Das ist ein Aal {m} [zool.] . :: eel | This is an <a> eel (fish (long)).',
  'Er hat etw. gesagt. :: He has said sth. to us.',
  'Wir gehen jetzt; ab. :: We go now.',
  'Zu kurz. :: Too short.',
  'Ich weiß es nicht. | zwei :: I do not know.',
  'Das ist ein Aal. :: This is an eel.',
  'Kommst du mit? :: Are you coming?',
];

describe('readDing', () => {
  it('keeps whole sentences without remarks, each pair once', async () => {
    expect(await readDing(memoryFolder('d', { 'de-en': encode(entries.join('\n')) }))).toEqual([
      ['Das ist ein Aal.', 'This is an eel.'],
      ['Kommst du mit?', 'Are you coming?'],
    ]);
    await expect(readDing(memoryFolder('d', { 'de-en': encode('a :: b\n') }))).rejects.toThrow(
      /no sentences in two languages/,
    );
  });
});

describe(`${fuzzCount(10_000)} broken copies`, () => {
  it('of pairs are refused or read rightly', async () => {
    const { 'train.de': de, 'train.en': en } = files;
    const count = fuzzCount(8000);
    const { refused, accepted } = await fuzzFiles({
      files: { 'train.de': encode(de), 'train.en': encode(en) },
      count,
      read: async (folder) => {
        for (const maxLength of [undefined, 6]) {
          const names = { source: 'train.de', target: 'train.en' };
          const pairs = await readPairs(folder, names, { tokens: spaced, maxLength, memory: 0 });
          const all = await pairs.read(Array.from({ length: pairs.size }, (_, i) => i));
          const lengths = all.flatMap(({ source, target }) => [source.length, target.length]);
          const fit = maxLength === undefined || lengths.every((length) => length > 0 && length <= maxLength);
          if (pairs.size < 1 || all.length !== pairs.size || !fit) throw new Error('a wrong pair');
        }
      },
    });
    expect(refused + accepted).toBe(count);
    expect(accepted).toBeGreaterThan(count / 16);
  });

  it('of the dictionary are refused or read rightly', async () => {
    const count = fuzzCount(2000);
    const { refused, accepted } = await fuzzFiles({
      files: { 'de-en': encode(entries.join('\n')) },
      count,
      read: async (folder) => {
        const pairs = await readDing(folder);
        const whole = pairs.every((pair) => pair.every((side) => /[.!?]$/.test(side) && side.split(' ').length > 2));
        if (pairs.length < 1 || !whole) throw new Error('a wrong pair');
      },
    });
    expect(refused + accepted).toBe(count);
    expect(accepted).toBeGreaterThan(count / 20);
  });
});

describe('parallelTextPlugin', () => {
  it('is a plugin, and the default export', async () => {
    expect(() => checkPlugin(parallelTextPlugin)).not.toThrow();
    expect(plugin).toBe(parallelTextPlugin);
    const options = parallelTextPlugin.options.parse({ dir: await folder(files) });
    expect((await parallelTextPlugin.create(options, undefined)).train.size).toBe(3);
    expect(parallelTextPlugin.options.safeParse({ dir: 'x', source: '../de' }).success).toBe(false);
  });

  it('knows its folders by their names', () => {
    expect(parallelTextPlugin.detect?.(Object.keys(files))).toEqual({ source: 'de', target: 'en' });
    expect(parallelTextPlugin.detect?.(['de-en'])).toEqual({ set: 'ding' });
    expect(parallelTextPlugin.detect?.(['train.csv', 'train.tsv'])).toBeUndefined();
    expect(parallelTextPlugin.detect?.(['train.de', 'train.en', 'train.fr'])).toBeUndefined();
  });
});

const real = existsSync('/usr/share/trans/de-en');
const withReal = real ? it : it.skip;
describe(`the dictionary as Debian installs it${real ? '' : ' (skipped: install the package trans-de-en)'}`, () => {
  withReal('has more than 15,000 whole sentences', async () => {
    const data = await parallelText({ set: 'ding' });
    const total = data.train.size + data.validation.size + data.test.size;
    // 16,006 in version 1.9-6.
    expect(total).toBeGreaterThan(15_000);
    expect(data.test.size).toBe(Math.round(total / 10));
    const pairs = await sentences(data, data.test);
    expect(pairs.filter(([german, english]) => /[.!?]$/.test(german) && /[.!?]$/.test(english)).length).toBe(
      pairs.length,
    );
  });
});
