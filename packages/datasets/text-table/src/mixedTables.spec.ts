import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { DataPart, RegressionDataSet } from '@flatmin/core/plugin';
import type { LabelledDataSet } from '@flatmin/data';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { textTable, textTablePlugin, type TextTableOptions } from './index.js';

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'mixed-tables-'));
});
afterAll(() => rm(directory, { recursive: true }));

let folders = 0;
async function folder(files: Record<string, string | Uint8Array>): Promise<string> {
  const dir = path.join(directory, String(folders++));
  await mkdir(dir);
  for (const [name, content] of Object.entries(files)) await writeFile(path.join(dir, name), content);
  return dir;
}

/** The rows of a part by the names of their values, without zeros, and the target as `y`. */
async function contents(data: LabelledDataSet, part: DataPart = data.train): Promise<Record<string, number>[]> {
  const found: Record<string, number>[] = [];
  for await (const { x, y } of part.batches({ batchSize: 3 })) {
    const [values, targets] = [x.arraySync() as number[][], y.dataSync()];
    values.forEach((row, i) => {
      const named = row.map((value, k) => [data.featureNames?.[k] ?? '?', Number(value.toFixed(4))] as const);
      found.push({ ...Object.fromEntries(named.filter(([, value]) => value !== 0)), y: targets[i] as number });
    });
    tf.dispose([x, y]);
  }
  return found;
}

const kinds = (data: LabelledDataSet) => Object.fromEntries((data.columns ?? []).map(({ name, kind }) => [name, kind]));
const whole = { validation: 0, testFraction: 0 } as const;
const read = async (text: string, options: TextTableOptions, test?: string): Promise<LabelledDataSet> =>
  textTable({ dir: await folder({ 'train.csv': text, ...(test && { 'test.csv': test }) }), validation: 0, ...options });

/** As Titanic is: quotes within quotes, gaps, tickets and cabins that hardly repeat. */
const titanic = `PassengerId,Survived,Pclass,Name,Sex,Age,SibSp,Ticket,Fare,Cabin,Embarked
1,0,3,"Braund, Mr. Owen Harris",male,22,1,A/5 21171,7.25,,S
2,1,1,"Cumings, Mrs. John Bradley (Florence ""Flo"" Briggs)",female,38,1,PC 17599,71.2833,C85,C
3,1,3,"Heikkinen, Miss. Laina",female,26,0,STON/O2. 3101282,7.925,,S
4,1,1,"Futrelle, Mrs. Jacques Heath (Lily May Peel)",female,35,1,113803,53.1,C123,S
5,0,3,"Allen, Mr. William Henry",male,35,0,373450,8.05,,S
6,0,3,"Moran, Mr. James",male,,0,330877,8.4583,,Q
7,0,1,"McCarthy, Mr. Timothy J",male,54,0,17463,51.8625,E46,S
8,1,2,"Nasser, Mrs. Nicholas (Adele Achem)",female,14,1,237736,30.0708,,
`;

describe('case 36: tables of several kinds of columns', () => {
  it('case 36: reads Titanic from a single file with nothing but the label named', async () => {
    const dir = await folder({ 'titanic.csv': titanic });
    const options = { file: path.join(dir, 'titanic.csv'), label: 'Survived', weight: 'count', ...whole } as const;
    const data = await textTable(options);
    expect(kinds(data)).toEqual({
      Survived: 'label',
      PassengerId: 'number',
      Pclass: 'number',
      Name: 'text',
      Sex: 'category',
      Age: 'number',
      SibSp: 'number',
      Ticket: 'ignored',
      Fare: 'number',
      Cabin: 'ignored',
      Embarked: 'category',
    });
    expect(data.columns?.find(({ name }) => name === 'Age')).toMatchObject({
      inputs: 2,
      about: 'mean 32, deviation 11.94; 1 gap',
    });
    expect(data.columns?.find(({ name }) => name === 'Cabin')?.about).toMatch(
      /^3 different values in 3 rows, of one word/,
    );
    expect(data.columns?.find(({ name }) => name === 'Embarked')?.about).toBe('C, Q, S; 1 gap');
    const rows = await contents(data);
    expect(rows).toHaveLength(8);
    // Ages 22, 38, 26, 35, 35, 54, 14: mean 32, squared differences 998, deviation sqrt(998 / 7).
    const moran = rows.find((row) => row['Name:moran'] === 1);
    expect(moran).toMatchObject({ 'Sex=male': 1, 'Age missing': 1, 'Embarked=Q': 1, 'Name:mr': 1, y: 0 });
    expect(moran).not.toHaveProperty('Age');
    const flo = rows.find((row) => row['Name:flo'] === 1);
    expect(flo).toMatchObject({
      'Sex=female': 1,
      'Embarked=C': 1,
      Age: Number((6 / Math.sqrt(998 / 7)).toFixed(4)),
      y: 1,
    });
    expect(rows.find((row) => row['Name:nasser'] === 1)).toMatchObject({ 'Embarked missing': 1 });
    expect(data.inputShape).toEqual([data.featureNames?.length]);
  });

  it('case 36: takes what the user says of columns, and leaves out what he leaves out', async () => {
    const data = await read(titanic, {
      label: 'Survived',
      columns: { Pclass: 'category', PassengerId: 'ignore', Cabin: 'category', Name: 'ignore' },
      testFraction: 0,
    });
    expect(kinds(data)).toMatchObject({ Pclass: 'category', PassengerId: 'ignored', Cabin: 'category' });
    expect(data.featureNames).toEqual([
      ...['Pclass=1', 'Pclass=2', 'Pclass=3', 'Sex=female', 'Sex=male', 'Age', 'Age missing', 'SibSp', 'Fare'],
      ...['Cabin=C123', 'Cabin=C85', 'Cabin=E46', 'Cabin missing', 'Embarked=C', 'Embarked=Q', 'Embarked=S'],
      'Embarked missing',
    ]);
    const some = await read(titanic, { label: 'Survived', text: 'Name', features: ['Sex', 'Fare'], testFraction: 0 });
    expect(some.featureNames?.filter((name) => !name.startsWith('Name:'))).toEqual(['Sex=female', 'Sex=male', 'Fare']);
    expect(some.columns?.map(({ name }) => name)).toEqual(['Survived', 'Name', 'Sex', 'Fare']);
  });

  it('case 36: reads penguins: NA in numbers and categories, and what train does not have', async () => {
    const penguins = `species,island,bill_length_mm,sex
Adelie,Torgersen,39,male
Adelie,Torgersen,41,female
Adelie,Biscoe,NA,NA
Gentoo,Biscoe,45,female
Gentoo,Biscoe,47,male
Chinstrap,Biscoe,43,female
`;
    const test = 'species,island,bill_length_mm,sex\nGentoo,Dream,49,NA\nAdelie,?,,male\n';
    const data = await read(penguins, { label: 'species' }, test);
    expect(data.featureNames).toEqual([
      ...['island=Biscoe', 'island=Torgersen', 'bill_length_mm', 'bill_length_mm missing'],
      ...['sex=female', 'sex=male', 'sex missing'],
    ]);
    // 39, 41, 45, 47 and 43: mean 43, deviation sqrt(8). Adelie 0, Chinstrap 1, Gentoo 2. No island is Dream, and in
    // train none is missing.
    expect(await contents(data, data.test)).toEqual([
      { bill_length_mm: 2.1213, 'sex missing': 1, y: 2 },
      { 'bill_length_mm missing': 1, 'sex=male': 1, y: 0 },
    ]);
    // Without standardizing a gap is the mean itself.
    const plain = await read(penguins, { label: 'species', standardize: false, features: ['bill_length_mm'] }, test);
    expect(await contents(plain, plain.test)).toEqual([
      { bill_length_mm: 49, y: 2 },
      { bill_length_mm: 43, 'bill_length_mm missing': 1, y: 0 },
    ]);
  });

  it('case 36: reads cars: semicolons, a decimal comma, names as text, rows without a label', async () => {
    const cars = `name;mpg;horsepower;origin
"chevrolet chevelle malibu";18,5;130;usa
"ford torino";17;?;usa
"ford pinto";NA;75;usa
"toyota corona";24;95;japan
"toyota corolla";26,5;71;japan
`;
    const options = { label: 'mpg', task: 'regression', decimal: ',', unlabelled: 'drop', testFraction: 0 } as const;
    const data = await read(cars, options);
    expect(kinds(data)).toEqual({ name: 'text', mpg: 'label', horsepower: 'number', origin: 'category' });
    expect(data.train.size).toBe(4);
    // 18.5, 17, 24 and 26.5 have mean 21.5.
    expect((data as RegressionDataSet).targetScale?.mean).toBe(21.5);
    expect((await contents(data)).find((row) => (row['name:torino'] ?? 0) > 0)).toMatchObject({
      'horsepower missing': 1,
      'origin=usa': 1,
    });
    await expect(read(cars, { ...options, unlabelled: 'refuse' })).rejects.toThrow(
      /label "mpg" is "NA", not a number. .*unlabelled: "drop"/,
    );
    await expect(read(cars, { ...options, decimal: '.' })).rejects.toThrow(/label "mpg" is "18,5", not a number/);
  });

  it('case 36: reads null and nothing of JSON as gaps, and refuses lists', async () => {
    const line = (n: unknown, k: unknown, label: string) => JSON.stringify({ n, k, label });
    const lines = [
      line(1, 'a', 'x'),
      line(null, 'b', 'y'),
      line(3, null, 'x'),
      line(5, 'a', 'y'),
      '{"label":"x","n":3}',
    ];
    const dir = await folder({ 'train.jsonl': lines.join('\n') });
    const data = await textTable({ dir, ...whole });
    expect(data.featureNames).toEqual(['n', 'n missing', 'k=a', 'k=b', 'k missing']);
    const bad = await folder({ 'train.jsonl': [...lines, line([1], 'a', 'x')].join('\n') });
    await expect(textTable({ dir: bad, ...whole })).rejects.toThrow(/"n" is missing, or neither text nor a number/);
  });

  it('case 36: takes means and categories from the train part alone, of one file too', async () => {
    const rows = Array.from({ length: 100 }, (_, i) => `${i},${i % 3 === 0 ? 'a' : 'b'},${i % 2}`);
    const dir = await folder({ 'one.csv': `n,k,label\n${rows.join('\n')}` });
    const data = await textTable({ file: path.join(dir, 'one.csv'), standardize: false, validation: 0.2 });
    expect([data.train.size, data.validation.size, data.test.size]).toEqual([70, 20, 10]);
    const parts = [await contents(data), await contents(data, data.validation), await contents(data, data.test)];
    const all = parts.flat().map(({ n = 0 }) => n);
    expect(all.sort((a, b) => a - b)).toEqual(rows.map((_, i) => i));
    const scaled = await textTable({ file: path.join(dir, 'one.csv'), validation: 0.2 });
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean((await contents(scaled)).map(({ n = 0 }) => n))).toBeCloseTo(0, 3);
    expect(scaled.columns?.[1]?.about).toContain(
      `mean ${Number(mean((parts[0] ?? []).map(({ n = 0 }) => n)).toPrecision(4))}`,
    );
  });
});

describe('case 36: what cannot be told is asked, and nothing is guessed silently', () => {
  const numbers = (bad: string) => [
    'n,label',
    ...Array.from({ length: 40 }, (_, i) => `${i === 20 ? bad : i},${i % 2}`),
  ];

  it.each<[string, string, TextTableOptions, RegExp]>([
    [
      'a number that is mistyped',
      numbers('1o').join('\n'),
      {},
      /"n" is "1o", not a number, as 39 of 40 .*columns: \{ "n": "category" \}/,
    ],
    [
      'numbers with a decimal comma',
      'n;k;label\n1,5;a;x\n2,5;b;y\n3,5;b;x\n',
      {},
      /"n" is "\d,5", not a number, unless "," is the decimal mark. Give `decimal: ","`/,
    ],
    ['two delimiters', 'a;b,c\n1;2,3\n4;5,6\n', {}, /can be cut at "," .* and at ";" .*`delimiter`/],
    ['nothing that repeats', 'k,label\nq1,x\nq2,y\nq3,x\n', {}, /nothing can be learned from "k"/],
    ['no value at all', 'n,m,label\n,1,x\n,2,y\n', { columns: { n: 'number' } }, /column "n" has no value in train/],
  ])('refuses %s', async (_, text, options, message) => {
    await expect(read(text, { testFraction: 0, ...options })).rejects.toThrow(message);
  });

  it('finds a cell of the test file that is not a number before the first step', async () => {
    const test = 'n,label\n1,0\nx,1\n';
    await expect(read(numbers('7').join('\n'), {}, test)).rejects.toThrow(
      /test\.csv, byte 12: "n" is "x", not a number/,
    );
    expect((await read(numbers('7').join('\n'), { missing: ['x'] }, test)).test.size).toBe(2);
  });

  it('takes a mistyped number as missing where the user says so', async () => {
    const data = await read(numbers('1o').join('\n'), { missing: ['1o'], testFraction: 0 });
    expect(data.featureNames).toEqual(['n', 'n missing']);
  });

  it('refuses a category of more than 1000 values', async () => {
    const text = ['k,label', ...Array.from({ length: 1001 }, (_, i) => `k${i},${i % 2}`)].join('\n');
    await expect(read(text, { columns: { k: 'category' }, testFraction: 0 })).rejects.toThrow(
      /more than 1000 categories/,
    );
  });

  it('has options that are checked before a file is opened', () => {
    const parse = (options: object) => textTablePlugin.options.safeParse(options).success;
    expect([{ dir: 'a' }, { file: 'a.csv' }, { dir: 'a', delimiter: ';' }].map(parse)).toEqual([true, true, true]);
    expect(
      [{}, { dir: 'a', file: 'b' }, { dir: 'a', delimiter: '"' }, { dir: 'a', columns: { b: 'x' } }].map(parse),
    ).toEqual([...[false, false, false, false]]);
    expect(['a.csv', 'b.TSV.gz', 'c.jsonl'].map((name) => textTablePlugin.detectFile?.(name))).toEqual([{}, {}, {}]);
    expect(textTablePlugin.detectFile?.('config.json')).toBeUndefined();
  });
});
