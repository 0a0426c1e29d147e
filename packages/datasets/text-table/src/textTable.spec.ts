import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { createContainer, RandomStream } from '@flatmin/core';
import { checkPlugin, type ClassificationDataSet, type DataPart, type RegressionDataSet } from '@flatmin/core/plugin';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import plugin, { textTable, textTablePlugin } from './index.js';
import { tablesIn } from './tableFiles.js';

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'text-table-'));
});
afterAll(() => rm(directory, { recursive: true }));

let folders = 0;
async function folder(files: Record<string, string | Uint8Array>): Promise<string> {
  const dir = path.join(directory, String(folders++));
  await mkdir(dir);
  for (const [name, content] of Object.entries(files)) await writeFile(path.join(dir, name), content);
  return dir;
}

async function contents(part: DataPart, batchSize = 3, shuffle?: RandomStream) {
  const found: { x: number[]; y: number }[] = [];
  for await (const { x, y } of part.batches({ batchSize, ...(shuffle && { shuffle }) })) {
    const values = x.arraySync() as number[][];
    y.dataSync().forEach((label, i) => found.push({ x: values[i] as number[], y: label }));
    tf.dispose([x, y]);
  }
  return found;
}
const three = {
  'train.csv': 'text,label\n"good, good",pos\nbad,neg\n',
  'test.csv': 'label,text\npos,"a bad, good one"\n',
};

describe('textTable', () => {
  it('makes bags of the words of train, with the classes sorted and columns by their names', async () => {
    const data = (await textTable({
      dir: await folder(three),
      validation: 0,
      weight: 'count',
    })) as ClassificationDataSet;
    expect(data).toMatchObject({ task: 'classification', classes: 2, classNames: ['neg', 'pos'], inputShape: [3] });
    expect((data as { featureNames?: string[] }).featureNames).toEqual(['good', ',', 'bad']);
    expect([data.train.size, data.validation.size, data.test.size]).toEqual([2, 0, 1]);
    const rows = await contents(data.train);
    expect(rows.sort((a, b) => b.y - a.y)).toEqual([
      { x: [2, 1, 0], y: 1 },
      { x: [0, 0, 1], y: 0 },
    ]);
    expect(await contents(data.test)).toEqual([{ x: [1, 1, 1], y: 1 }]);
  });

  it('makes ids, splits at spaces, keeps capitals, and takes pairs', async () => {
    const dir = await folder({ 'train.tsv': 'a\tb\tlabel\nX x\t"q\t0\nX\tx\t1\n' });
    const options = { dir, text: ['a', 'b'], encoding: 'ids', length: 5, tokens: 'spaced', lowerCase: false } as const;
    const data = await textTable({ ...options, validation: 0, testFraction: 0 });
    expect(data.vocabulary?.tokens.slice(4)).toEqual(['X', 'x', '"q']);
    const rows = await contents(data.train);
    expect(rows.sort((a, b) => a.y - b.y)).toEqual([
      { x: [4, 5, 2, 6, 0], y: 0 },
      { x: [4, 2, 5, 0, 0], y: 1 },
    ]);
  });

  it('standardizes columns of numbers by train, for a regression from JSON lines', async () => {
    const lines = ['{"h":1,"w":7,"score":0.5}', '{"h":5,"w":7,"score":1}'];
    const dir = await folder({ 'train.jsonl': lines.join('\n'), 'dev.jsonl': '{"score":-2,"w":8,"h":2e0}' });
    const data = await textTable({ dir, task: 'regression', label: 'score', testFraction: 0 });
    expect(data).toMatchObject({ task: 'regression', classes: 1, inputShape: [2], featureNames: ['h', 'w'] });
    // h has mean 3 and deviation 2; w is constant 7.
    const rows = await contents(data.train);
    expect(rows.sort((a, b) => a.y - b.y)).toEqual([
      { x: [-1, 0], y: -1 },
      { x: [1, 0], y: 1 },
    ]);
    // So the score has mean 0.75 and deviation 0.25.
    expect(await contents(data.validation)).toEqual([{ x: [-0.5, 1], y: -11 }]);
    expect((data as RegressionDataSet).targetScale).toEqual({ mean: 0.75, deviation: 0.25 });
    const plain = await textTable({
      dir,
      task: 'regression',
      label: 'score',
      features: ['w'],
      standardize: false,
      standardizeTargets: false,
      testFraction: 0,
    });
    expect(await contents(plain.validation)).toEqual([{ x: [8], y: -2 }]);
    expect(plain).not.toHaveProperty('targetScale');
  });

  it('reads a table without a header, and counts classes by their value', async () => {
    const rows = Array.from({ length: 100 }, (_, i) => `${i},${(i % 11) - 1}`);
    const dir = await folder({ 'data.csv.gz': gzipSync(rows.join('\r\n')) });
    const data = (await textTable({
      dir,
      header: false,
      label: '1',
      standardize: false,
      validation: 0.2,
    })) as ClassificationDataSet;
    expect(data.classNames).toEqual(['-1', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    expect([data.train.size, data.validation.size, data.test.size]).toEqual([70, 20, 10]);
    const all = (await Promise.all([data.train, data.validation, data.test].map((part) => contents(part)))).flat();
    expect(all.map(({ x }) => x[0] as number).sort((a, b) => a - b)).toEqual(rows.map((_, i) => i));
    all.forEach(({ x, y }) => expect(y).toBe((x[0] as number) % 11));
  });

  it('gives the same from memory, from the file piece by piece, and in any batch size', async () => {
    const rows = Array.from({ length: 300 }, (_, i) => `"word${i}, é ${'x '.repeat(i % 7)}",${i % 3}`);
    const dir = await folder({ 'train.csv': `text,label\n${rows.join('\n')}\n` });
    const read = async (memory: number, batchSize: number) =>
      contents((await textTable({ dir, memory, vocabularySize: 50 })).train, batchSize, new RandomStream(5));
    const expected = await read(2 ** 20, 16);
    expect(expected).toHaveLength(240);
    expect(await read(0, 16)).toEqual(expected);
    expect(await read(0, 100)).toEqual(expected);
  });

  it('has label noise of the exact rate in train, and takes parts of the asked sizes', async () => {
    const rows = Array.from({ length: 100 }, (_, i) => `${i},${i % 4}`);
    const dir = await folder({ 'train.csv': `n,label\n${rows.join('\n')}` });
    const choice = { dir, standardize: false, train: 40, test: 5, labelNoise: { rate: 0.25 } } as const;
    const data = await textTable(choice);
    expect([data.train.size, data.validation.size, data.test.size]).toEqual([40, 5, 5]);
    const noisy = (await contents(data.train)).filter(({ x, y }) => (x[0] as number) % 4 !== y);
    expect(noisy).toHaveLength(10);
    expect((await contents(data.test)).every(({ x, y }) => (x[0] as number) % 4 === y)).toBe(true);
  });

  it.each<[string, object, string, RegExp]>([
    ['the label among the features', { features: ['label'] }, 'SPEC_INVALID', /the label "label" is among/],
    ['a folder and a file', { file: 'a.csv' }, 'SPEC_INVALID', /give either dir/],
    [
      'ids beside numbers',
      { encoding: 'ids', columns: { text: 'category' }, validation: 0 },
      'SPEC_INVALID',
      /ids of words cannot be combined with/,
    ],
    [
      'a kind of no column',
      { columns: { Text: 'ignore' } },
      'DATA_FILE_INVALID',
      /no column "Text"; its columns are "text"/,
    ],
    ['nothing to learn from', { columns: { text: 'ignore' } }, 'SPEC_INVALID', /no column is left/],
    [
      'noise of a regression',
      { task: 'regression', labelNoise: { rate: 0.1 } },
      'SPEC_INVALID',
      /noise is only for classes/,
    ],
    [
      'a column that is not there',
      { label: 'class' },
      'DATA_FILE_INVALID',
      /no column "class"; its columns are "text", "label"/,
    ],
    ['a file that is not there', { files: { train: 'a.csv' } }, 'DATA_FILE_MISSING', /a\.csv: cannot be found/],
    [
      'text as numbers',
      { columns: { text: 'number' } },
      'DATA_FILE_INVALID',
      /byte 11: "text" is "good, good", not a number/,
    ],
    ['classes as numbers', { task: 'regression' }, 'DATA_FILE_INVALID', /label "label" is "pos", not a number/],
  ])('refuses %s', async (_, options, code, message) => {
    const dir = await folder(three);
    await expect(textTable({ dir, ...options })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  it.each<[string, Record<string, string | Uint8Array>, RegExp]>([
    ['no label', { 'train.csv': 'text,label\na,x\nb,\n' }, /byte 15: label "label" is empty/],
    ['one class', { 'train.csv': 'text,label\na,x\nb,x\n' }, /the same in every row/],
    [
      'a new class in test',
      { ...three, 'test.csv': 'text,label\na,meh\n' },
      /test\.csv, byte 11: .*"meh", which train does not/,
    ],
    ['no rows', { 'train.csv': 'text,label\n' }, /a header but no rows/],
    [
      'a list as text',
      { 'train.jsonl': '{"text":"a","label":1}\n{"text":["b"],"label":2}' },
      /byte 23: "text" is missing, or neither/,
    ],
    ['latin1', { 'train.csv': Buffer.from('text,label\né,x\n', 'latin1') }, /byte 11: it is not UTF-8/],
  ])('refuses a table with %s', async (_, files, message) => {
    const dir = await folder(files);
    await expect(textTable({ dir })).rejects.toMatchObject({
      code: 'DATA_FILE_INVALID',
      message: expect.stringMatching(message),
    });
  });

  it('refuses numbers that float32 cannot hold', async () => {
    const dir = await folder({ 'train.csv': 'n,label\n1e99,x\n2,y\n' });
    const whole = { validation: 0, testFraction: 0 };
    for (const columns of [{}, { n: 'number' as const }]) {
      await expect(textTable({ dir, columns, ...whole })).rejects.toThrow(
        /byte 8: "n" is "1e99", not a number that float32 can hold/,
      );
    }
  });

  it('asks which where several tables lie in a folder', async () => {
    const dir = await folder({ 'a.csv': 'n,label\n1,0\n2,1\n3,0', 'b.csv': '' });
    await expect(textTable({ dir })).rejects.toMatchObject({ code: 'DATA_FILE_MISSING' });
    const data = await textTable({ dir, files: { train: 'a.csv' }, validation: 0, testFraction: 0 });
    expect(data.train.size).toBe(3);
  });
});

/** 1700000000 and these: float32 would make two different values of them. */
const late = [0, 1, 2, 3, 10, 50, 100, 120];
const lateStandardized = [-0.7804, -0.7585, -0.7367, -0.7149, -0.5621, 0.3111, 1.4025, 1.8391];

describe('case 8: statistics are taken before anything is rounded to float32', () => {
  const table = ['t,label', ...late.map((seconds, i) => `${1_700_000_000 + seconds},${i % 2}`)].join('\n');
  const whole = { validation: 0, testFraction: 0 };

  it('case 8: standardizes large numbers that differ little', async () => {
    const data = await textTable({ dir: await folder({ 'train.csv': table }), ...whole });
    const x = (await contents(data.train)).map(({ x: [value] }) => value as number).sort((a, b) => a - b);
    x.forEach((value, i) => expect(value).toBeCloseTo(lateStandardized[i] as number, 4));
  });

  it('case 8: standardizes such targets of a regression, and tells their scale', async () => {
    const rows = ['n,y', ...late.map((seconds, i) => `${i},${1_700_000_000 + seconds}`)].join('\n');
    const dir = await folder({ 'train.csv': rows, 'test.csv': 'n,y\n9,1700000081.5625\n' });
    const data = await textTable({ dir, task: 'regression', label: 'y', validation: 0 });
    const y = (await contents(data.train)).map(({ y }) => y).sort((a, b) => a - b);
    y.forEach((value, i) => expect(value).toBeCloseTo(lateStandardized[i] as number, 4));
    // The mean is 1700000035.75, the deviation sqrt(16789.5 / 8).
    const { targetScale } = data as RegressionDataSet;
    expect(targetScale?.mean).toBe(1_700_000_035.75);
    expect(targetScale?.deviation).toBeCloseTo(Math.sqrt(16_789.5 / 8), 6);
    expect((await contents(data.test))[0]?.y).toBeCloseTo(1, 4);
  });
});

describe('case 20: an error in a row beyond the first 16 arrives as it is', () => {
  const rows = (count: number, bad: number, line: string) =>
    ['n,label', ...Array.from({ length: count }, (_, i) => (i === bad ? line : `${i},${i % 2}`))].join('\n');

  it.each<[string, number, number, string, object, RegExp]>([
    ['a label', 200, 150, '1,', {}, /train\.csv, byte \d+: label "label" is empty/],
    ['a label that is not a number', 40, 30, '1,abc', { task: 'regression' }, /label "label" is "abc", not a number/],
    ['a number', 100, 60, '12x,1', {}, /"n" is "12x"/],
    ['the number of cells', 5000, 4000, '1,2,3', {}, /expect 2, got 3 on line 4002/],
    ['a column', 100, 0, '0,0', { label: 'class' }, /no column "class"/],
  ])('case 20: of %s', async (_, count, bad, line, options, message) => {
    const dir = await folder({ 'train.csv': rows(count, bad, line) });
    // As the command does, which names a plugin that throws by mistake.
    const container = createContainer({ plugins: [textTablePlugin] });
    await expect(container.createDataSet({ use: 'text-table', dir, ...options })).rejects.toMatchObject({
      code: 'DATA_FILE_INVALID',
      message: expect.stringMatching(message),
    });
  });
});

describe('textTablePlugin', () => {
  it('is a plugin, and the default export', () => {
    expect(() => checkPlugin(textTablePlugin)).not.toThrow();
    expect(plugin).toBe(textTablePlugin);
  });

  it('creates the data set of its checked options', async () => {
    const options = textTablePlugin.options.parse({ dir: await folder(three), validation: 0 });
    expect((await textTablePlugin.create(options, undefined)).inputShape).toEqual([3]);
    expect(textTablePlugin.options.safeParse({ dir: 'x', txt: 'a' }).success).toBe(false);
  });

  it('knows its folders by their names', () => {
    expect(textTablePlugin.detect?.(['README', 'Train.TSV'])).toEqual({});
    expect(textTablePlugin.detect?.(['a.csv', 'b.csv'])).toBeUndefined();
    expect(tablesIn(['train.csv', 'dev.csv', 'test.csv.gz'])).toEqual({
      train: 'train.csv',
      validation: 'dev.csv',
      test: 'test.csv.gz',
    });
    expect(tablesIn(['test.csv'])).toEqual({ train: 'test.csv' });
    expect(tablesIn(['TestSet.csv', 'training_data.csv', 'validate.csv.gz', 'notes.csv'])).toEqual({
      train: 'training_data.csv',
      validation: 'validate.csv.gz',
      test: 'TestSet.csv',
    });
  });

  it('case 37: reads other tables without labels by what train taught: columns, scales, words', async () => {
    const dir = await folder({
      'train.csv': 'a,label,b\n0,x,5\n2,y,5\n4,x,5\n',
      'new.csv': 'b,more,a\n5,?,8\n6,?,2\n',
      'short.csv': 'a\n1\n',
    });
    const data = await textTable({ dir, files: { train: 'train.csv' }, validation: 0, testFraction: 0 });
    const others = await data.unlabelled?.(path.join(dir, 'new.csv'));
    expect([others?.size, others?.nameOf(0), others?.nameOf(1)]).toEqual([2, '1', '2']);
    // a: mean 2, deviation sqrt(8 / 3); b: mean 5, and no deviation.
    const rows: number[][] = [];
    for await (const x of others?.batches({ batchSize: 1 }) ?? []) {
      rows.push([...x.dataSync()]);
      x.dispose();
    }
    expect(rows[0]).toEqual([Math.fround(6 / Math.sqrt(8 / 3)), 0]);
    expect(rows[1]).toEqual([0, 1]);
    await expect(data.unlabelled?.(path.join(dir, 'short.csv'))).rejects.toThrow(/no column "b"/);
    const texts = await textTable({ dir: await folder(three), validation: 0, weight: 'count' });
    const words = await folder({ 'new.jsonl': '{"text":"Good , well"}\n' });
    for await (const x of (await texts.unlabelled?.(path.join(words, 'new.jsonl')))?.batches({ batchSize: 9 }) ?? []) {
      expect(x.arraySync()).toEqual([[1, 1, 0]]);
      x.dispose();
    }
  });
});
