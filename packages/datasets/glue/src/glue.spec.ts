import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inUnitOfData } from '@flatmin/core';
import { checkPlugin, type ClassificationDataSet, type DataPart } from '@flatmin/core/plugin';
import { fuzzCount, fuzzFiles } from '@flatmin/data/fuzz';
import { memoryFolder } from '@flatmin/data/node';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { glueFiles } from './glue.fixture.js';
import plugin, { glue, gluePlugin, glueTaskNames, glueTestTexts } from './index.js';
import { readGlue } from './readGlue.js';
import { type GlueTask, type GlueTaskName, glueTasks } from './tasks.js';

let directory = '';
const dir = (task: GlueTaskName): string => path.join(directory, glueTasks[task].folder);
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'glue-'));
  for (const task of glueTaskNames) {
    await mkdir(dir(task));
    for (const [name, bytes] of Object.entries(glueFiles(task))) await writeFile(path.join(dir(task), name), bytes);
  }
});
afterAll(() => rm(directory, { recursive: true }));

async function contents(part: DataPart) {
  const found: { x: number[]; y: number }[] = [];
  for await (const { x, y } of part.batches({ batchSize: 4 })) {
    const values = x.arraySync() as number[][];
    y.dataSync().forEach((label, i) => found.push({ x: values[i] as number[], y: label }));
    tf.dispose([x, y]);
  }
  return found;
}

describe.each(glueTaskNames)('%s', (task) => {
  const { texts, labels, classNames = labels }: GlueTask = glueTasks[task];

  it('has the sentences and labels of its columns, found by them or by its folder', async () => {
    for (const found of [{ dir: dir(task) }, { dir: directory, task }]) {
      const data = await glue({ ...found, validation: 0, encoding: 'ids', length: 10 });
      expect([data.id, data.train.size, data.validation.size, data.test.size]).toEqual([task, 6, 0, 3]);
      expect([data.classes, (data as ClassificationDataSet).classNames]).toEqual([classNames?.length ?? 1, classNames]);
      const text = ({ x }: { x: number[] }) => x.filter((id) => id > 0).map((id) => data.vocabulary?.tokens[id]).join(' '); // prettier-ignore
      // Of pairs `</s>` stands between the two; an open quote is a mark as any other.
      const expected = (i: number) => (texts.length === 1 ? `one ${i} "` : `one ${i} " </s> two ${i}`);
      expect((await contents(data.test)).map(text)).toEqual([0, 1, 2].map(expected));
      expect((await contents(data.train)).map(text).sort()).toEqual([0, 1, 2, 3, 4, 5].map(expected));
    }
  });

  it('has the right labels, and the sentences of test', async () => {
    const data = await glue({ dir: dir(task) });
    const scale = 'targetScale' in data ? data.targetScale : undefined;
    // Scores come standardized, and are from 0 to 5 once that is undone.
    expect(scale !== undefined).toBe(task === 'sts-b');
    const labelsOfTest = (await contents(data.test)).map(({ y }) => Number(inUnitOfData(y, scale).toFixed(5)));
    const expected: Partial<Record<GlueTaskName, number[]>> = {
      'sts-b': [0.25, 0.75, 1.25],
      mnli: [2, 1, 0],
      rte: [1, 0, 1],
    };
    expect(labelsOfTest).toEqual(expected[task] ?? [0, 1, 0]);
    const unlabelled = await glueTestTexts({ dir: dir(task) });
    const one = ['one 1 "', 'two 1'].slice(0, texts.length);
    expect([unlabelled.size, await unlabelled.read([1])]).toEqual([2, [one]]);
  });

  it('case 10: reads files without a header to their first row, with the task given', async () => {
    const bare = await mkdtemp(path.join(tmpdir(), 'glue-bare-'));
    const hasHeader: Readonly<Record<string, boolean>> = { train: task !== 'cola', dev: task !== 'cola', test: true };
    for (const [name, bytes] of Object.entries(glueFiles(task))) {
      const [, ...rows] = new TextDecoder().decode(bytes).split('\n');
      const isBare = hasHeader[name.split(/[._]/)[0] as string] === true;
      await writeFile(path.join(bare, name), isBare ? rows.join('\n') : bytes);
    }
    const data = await glue({ dir: bare, task, validation: 0 });
    expect([data.train.size, data.test.size]).toEqual([6, 3]);
    expect((await glueTestTexts({ dir: bare, task })).size).toBe(2);
    await rm(bare, { recursive: true });
  });

  it('is judged by the metrics of the task, where accuracy is not the only one', async () => {
    const { scores } = await glue({ dir: dir(task) });
    // 2 true positives, 1 false positive, 1 false negative, none of the others: F1 4 / 6, Matthews -1 / 3. As numbers,
    // deviations 1/4, 1/4, 1/4, -3/4 and 1/4, 1/4, -3/4, 1/4: product -1/4, squares 3/4.
    const expected: Partial<Record<GlueTaskName, Record<string, number>>> = {
      cola: { matthews: -1 / 3 },
      mrpc: { f1: 2 / 3, accuracy: 1 / 2 },
      qqp: { f1: 2 / 3, accuracy: 1 / 2 },
      'sts-b': { pearson: -1 / 3, spearman: -1 / 3 },
    };
    const found = scores?.([1, 1, 1, 0], [1, 1, 0, 1]) ?? {};
    const names = Object.keys(expected[task] ?? {});
    expect(Object.keys(found)).toEqual(names);
    for (const name of names) expect(found[name]).toBeCloseTo(expected[task]?.[name] as number, 12);
  });

  const count = fuzzCount(1112);
  it(`refuses or reads rightly ${count} broken copies`, async () => {
    const { refused, accepted } = await fuzzFiles({
      files: glueFiles(task),
      count,
      read: async (folder) => {
        const { train, dev } = await readGlue(folder, { task, genres: 'matched', memory: 0 });
        for (const part of [train, dev]) {
          const rows = await part.read(Array.from({ length: part.size }, (_, i) => i));
          const known = [...part.labels].every((label) => label >= 0 && label <= (labels ? labels.length - 1 : 5));
          const whole = rows.every(
            (row) => row.length === texts.length && row.every((text) => typeof text === 'string'),
          );
          if (part.size < 1 || part.labels.length !== part.size || !known || !whole) throw new Error('a wrong batch');
        }
      },
    });
    expect(refused + accepted).toBe(count);
    expect(refused).toBeGreaterThan(count / 12);
  });
});

describe('glue', () => {
  it('takes the mismatched part of MNLI, and bags of pairs side by side', async () => {
    const data = await glue({ dir: dir('mnli'), genres: 'mismatched', weight: 'count', validation: 0 });
    expect(data.test.size).toBe(2);
    const words = data.featureNames?.length ?? 0;
    expect(data.inputShape).toEqual([words]);
    const [first] = await contents(data.test);
    expect(first?.x.filter((value) => value > 0)).toHaveLength(5);
  });

  it('has label noise of the exact rate in train, and none of STS-B', async () => {
    const [clean, noisy] = [{}, { labelNoise: { rate: 0.5 } }].map((more) =>
      glue({ dir: dir('rte'), validation: 0, ...more }),
    );
    const [a, b] = [await contents((await clean!).train), await contents((await noisy!).train)];
    expect(a.filter(({ y }, i) => y !== b[i]?.y)).toHaveLength(3);
    const numbers = glue({ dir: dir('sts-b'), labelNoise: { rate: 0.5 } });
    await expect(numbers).rejects.toMatchObject({ code: 'SPEC_INVALID' });
  });

  it('says which tasks lie in a folder, and refuses a table of another kind', async () => {
    await expect(glue({ dir: directory })).rejects.toThrow(/the tasks here are cola, sst-2, mrpc/);
    const other = await mkdtemp(path.join(tmpdir(), 'glue-other-'));
    await writeFile(path.join(other, 'train.tsv'), 'text\tlabel\na\t1\n');
    await expect(glue({ dir: other })).rejects.toThrow(/columns belong to no GLUE task: text, label.*text-table/);
    await symlink(dir('rte'), path.join(other, 'RTE'));
    await rm(path.join(other, 'train.tsv'));
    await expect(glue({ dir: other, task: 'rte' })).rejects.toThrow(/leads out of the folder/);
    await rm(other, { recursive: true });
  });

  it.each<[string, GlueTaskName, Record<string, string>, RegExp]>([
    [
      'a label of another task',
      'rte',
      { 'train.tsv': 'index\tsentence1\tsentence2\tlabel\n0\tx\ty\tneutral\n' },
      /byte 32: the label is "neutral"/,
    ],
    [
      'a score above 5',
      'sts-b',
      { 'dev.tsv': `${glueTasks['sts-b'].header.join('\t')}\n0\t1\t2\t3\t4\t5\t6\tx\ty\t5.1\n` },
      /score is "5\.1"/,
    ],
    [
      'test in the place of train',
      'sst-2',
      { 'train.tsv': 'index\tsentence\n0\tgood\n' },
      /begins with "index sentence", which is neither the header of SST-2 \(sentence, label\) nor one of its rows/,
    ],
    [
      'another task of the same labels',
      'qnli',
      { 'dev.tsv': 'index\tsentence1\tsentence2\tlabel\n0\ta\tb\tentailment\n' },
      /neither the header of QNLI/,
    ],
    ['CoLA in the place of SST-2', 'sst-2', { 'train.tsv': 'gj04\t1\t\tOne.\n' }, /neither the header of SST-2/],
    [
      'a header in CoLA',
      'cola',
      { 'train.tsv': 'source\tlabel\tmark\tsentence\ngj04\t1\t\tOne.\n' },
      /the label is "label"/,
    ],
    ['too few cells', 'cola', { 'dev.tsv': 'gj04\t1\n' }, /the row has 2 cells, and a sentence is in cell 4/],
    [
      'another number of cells',
      'qnli',
      { 'train.tsv': 'index\tquestion\tsentence\tlabel\n0\ta\tb\tc\tentailment\n' },
      /expect 4, got 5/,
    ],
    ['no rows', 'mrpc', { 'train.tsv': `${glueTasks.mrpc.header.join('\t')}\n` }, /it has no rows/],
  ])('refuses %s', async (_, task, change, message) => {
    const encoded = Object.entries(change).map(([name, text]) => [name, new TextEncoder().encode(text)]);
    const folder = memoryFolder('g', { ...glueFiles(task), ...(Object.fromEntries(encoded) as object) });
    await expect(readGlue(folder, { task, genres: 'matched', memory: 0 })).rejects.toMatchObject({
      code: 'DATA_FILE_INVALID',
      message: expect.stringMatching(message),
    });
  });
});

describe('gluePlugin', () => {
  it('is a plugin, and the default export', async () => {
    expect(() => checkPlugin(gluePlugin)).not.toThrow();
    expect(plugin).toBe(gluePlugin);
    const options = gluePlugin.options.parse({ dir: dir('wnli') });
    expect((await gluePlugin.create(options, undefined)).id).toBe('wnli');
    expect(gluePlugin.options.safeParse({ dir: 'x', task: 'ax' }).success).toBe(false);
  });

  it('knows its folders by their names', () => {
    expect(gluePlugin.detect?.(['dev.tsv', 'test.tsv', 'train.tsv'])).toEqual({});
    expect(gluePlugin.detect?.(Object.keys(glueFiles('mnli')))).toEqual({ task: 'mnli' });
    expect(gluePlugin.detect?.(['CoLA', 'RTE'])).toEqual({});
    expect(gluePlugin.detect?.(['RTE'])).toEqual({ task: 'rte' });
    expect(gluePlugin.detect?.(['train.tsv'])).toBeUndefined();
  });
});
