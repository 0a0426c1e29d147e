import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { officialContainer } from 'flatmin/node';
import { dataSetPlugins, dataSpec, openData } from './dataSpec.js';
import { inspect } from './inspect.js';
import { exampleLines, sampleExamples } from './preview.js';
import { summaryText } from './summaryText.js';

const distribution = { version: '0.0.0', plugins: 'flatmin/node' };
let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'text-folders-'));
});
afterAll(() => rm(directory, { recursive: true }));

const lines = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => `${line(i)}\n`).join('');

const folders: Readonly<Record<string, Record<string, string>>> = {
  'text-table': { 'reviews.csv': `text,label\n${lines(20, (i) => `"fine, ${i}",${i % 2 ? 'good' : 'bad'}`)}` },
  glue: {
    'train.tsv': `sentence\tlabel\n${lines(20, (i) => `fine ${i}\t${i % 2}`)}`,
    'dev.tsv': 'sentence\tlabel\nfine\t1\n',
    'test.tsv': 'index\tsentence\n0\tfine\n',
  },
  brown: {
    'cats.txt': lines(10, (i) => `ca0${i} ${i % 2 ? 'news' : 'humor'}`),
    ...Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`ca0${i}`, 'It/pps was/bedz fine/jj ./.\n'])),
  },
  'parallel-text': { 'train.de': lines(20, (i) => `gut ${i}`), 'train.en': lines(20, (i) => `fine ${i}`) },
  cmudict: { 'dict.txt': lines(20, (i) => `${'ABCDEFGHIJKLMNOPQRST'[i] as string}O  OW1`) },
};

describe.each<[string, string, string, RegExp, RegExp]>([
  ['text-table', '{}', 'text-table: classification, x float32 [batch, ', /good +8/, /(good|bad)\t\d+=\S+ (fine=|,=)/],
  ['glue', '{}', 'sst-2: classification, x float32 [batch, ', /positive +\d/, /^(positive|negative)\t/],
  [
    'brown',
    '{}',
    'brown: classification, x float32 [batch, 4], 2 classes',
    /informative +\d/,
    /\t\.=0\.5 fine=0\.5 it=0\.5 was=0\.5$/,
  ],
  [
    'parallel-text',
    '{"source":"de","target":"en"}',
    'parallel-text: sequence-to-sequence, x int32 [batch, 2], 21 ids',
    /train +16 examples, 32 tokens/,
    /^<s> fine \d+ <\/s>\tgut \d+$/,
  ],
  [
    'cmudict',
    '{}',
    'cmudict: sequence-to-sequence, x int32 [batch, 2], 5 ids',
    /test +1 examples, 2 tokens/,
    /^<s> OW <\/s>\t[A-T] O$/,
  ],
])('a folder of %s', (id, options, head, summary, line) => {
  it('is recognized, checked and previewed', async () => {
    const dir = path.join(directory, id);
    await mkdir(dir);
    for (const [name, text] of Object.entries(folders[id] ?? {})) await writeFile(path.join(dir, name), text);
    const container = officialContainer();
    const spec = await dataSpec(dir, container);
    expect(spec).toEqual({ use: id, ...(JSON.parse(options) as object), dir });
    const dataset = await container.createDataSet(spec);
    const text = summaryText(await inspect(dataset));
    expect(text).toContain(head);
    expect(text).toMatch(summary);
    const rows = await sampleExamples(dataset, dataset.train, 4);
    const shown = exampleLines(dataset, rows.flat());
    expect(shown).toHaveLength(4);
    for (const each of shown) expect(each).toMatch(line);
  });

  it('is listed', () => {
    const plugin = dataSetPlugins(officialContainer()).find((each) => each.id === id);
    expect(plugin?.description).not.toBe('');
    expect(plugin?.detect).toBeDefined();
  });
});

describe('case 36: a single table', () => {
  it('case 36: is no JSON: it is recognized by its name, and its columns are shown', async () => {
    const file = path.join(directory, 'penguins.csv');
    const row = (i: number) => `${i % 2 ? 'Gentoo' : 'Adelie'};${i % 3 ? 30 + i : 'NA'};${i % 5 ? 'Biscoe' : 'Dream'}`;
    await writeFile(file, `label;bill;island\n${lines(40, row)}`);
    const { spec, container } = await openData(file, {}, distribution);
    expect(spec).toEqual({ use: 'text-table', file });
    const dataset = await container.createDataSet(spec);
    const summary = await inspect(dataset);
    expect(summary.columns?.map(({ name, kind, inputs }) => [name, kind, inputs])).toEqual([
      ['label', 'label', 0],
      ['bill', 'number', 2],
      ['island', 'category', 2],
    ]);
    const text = summaryText(summary);
    expect(text).toMatch(/bill +number +2 {2}mean \d+(\.\d+)?, deviation \d+(\.\d+)?; \d+ gaps/);
    expect(text).toMatch(/island +category +2 {2}Biscoe, Dream/);
    expect(exampleLines(dataset, [{ x: [1.5, 0, 0, 1], y: [1] }])).toEqual(['Gentoo\tbill=1.5 island=Dream=1']);
  });

  it('case 36: leaves a JSON file a spec', async () => {
    const file = path.join(directory, 'spec.json');
    await writeFile(file, '{"use":"digits","validation":0}');
    expect((await openData(file, {}, distribution)).spec).toEqual({ use: 'digits', validation: 0 });
  });
});
