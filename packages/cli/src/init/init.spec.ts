import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { parseJson } from '@flatmin/experiments/internal';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { initCommand } from './initCommand.js';
import type { Questions } from './questions.js';
import { WarmCommand } from '../terminal/command.fixture.js';
import type { Outcome } from '../terminal/warmNode.fixture.js';

let directory = '';
const command = new WarmCommand();
const flatmin = (...args: string[]): Promise<Outcome> => command.run(args, directory);
const written = async (name = 'config.jsonc'): Promise<unknown> =>
  parseJson(await readFile(path.join(directory, name), 'utf8'), name);

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'flatmin-'));
  const rows = Array.from({ length: 60 }, (_, i) => `${i % 7},${(i * 37) % 60}.5,${i % 2 === 0 ? 'yes' : 'no'}`);
  await writeFile(path.join(directory, 'table.csv'), ['count,price,bought', ...rows].join('\n'));
});
afterAll(async () => {
  command.end();
  await rm(directory, { recursive: true });
});

describe('flatmin init, on a terminal', () => {
  const distribution = { version: '0.0.0', plugins: 'flatmin/node' };

  /** Answers by question; what was asked, and the choices that were offered. */
  function answering(answers: Readonly<Record<string, string>>) {
    const asked: Record<string, readonly string[]> = {};
    const questions: Questions = {
      text: (message) => Promise.resolve(((asked[message] = []), answers[message] as string)),
      choice(message, choices) {
        asked[message] = choices.map(({ value }) => value);
        return Promise.resolve(answers[message] ?? (choices[0]?.value as string));
      },
    };
    return { asked, questions };
  }

  it('asks for what is not given: data, the column, a model that fits, a method', async () => {
    jest.spyOn(process.stdout, 'write').mockReturnValue(true);
    jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    const out = path.join(directory, 'asked.jsonc');
    const data = 'Your data: a file, a folder, or a data set';
    const table = path.join(directory, 'table.csv');
    const { asked, questions } = answering({ [data]: table, 'The method': 'adamw' });
    await initCommand({ out }, distribution, questions);
    jest.restoreAllMocks();
    expect(asked).toMatchObject({ 'The column to predict': ['bought', 'price', 'count'], 'The model': ['mlp'] });
    expect(asked['The method']?.slice(0, 3)).toEqual(['lets', 'sam', 'asam']);
    expect(await written('asked.jsonc')).toEqual({
      dataset: { use: 'text-table', file: table, label: 'bought' },
      model: { use: 'mlp', hidden: [100, 100] },
      optimizer: { use: 'adamw' },
      epochs: 20,
      batchSize: 48,
      seeds: [0, 1, 2],
    });
  });
});

describe('flatmin init, without a terminal', () => {
  it('says what to give, and writes nothing', async () => {
    const { code, out, err } = await flatmin('init', '--model', 'mlp');
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toBe(
      'flatmin: --data, --method are missing, and there is no terminal to ask on. Give them, or --data and --yes: flatmin init --data my.csv --yes.\n',
    );
  });

  it('looks at the data, writes a commented config that trains, and says the next command', async () => {
    const { code, out } = await flatmin('init', '--data', 'table.csv', '--label', 'bought', '--yes');
    expect(code).toBe(0);
    expect(out).toMatch(/^text-table: classification, x float32 \[batch, 2\], 2 classes\n/);
    expect(out).toMatch(/\nWrote config\.jsonc\. Next: flatmin train config\.jsonc\n$/);
    expect(await written()).toEqual({
      dataset: { use: 'text-table', file: 'table.csv', label: 'bought' },
      model: { use: 'mlp', hidden: [100, 100] },
      optimizer: { use: 'sam', base: { use: 'momentum', learningRate: 0.1, momentum: 0.9 } },
      epochs: 20,
      batchSize: 48, // All that there is to train: 60 less a tenth, less a tenth of that.
      seeds: [0, 1, 2],
      learningRate: { schedule: 'cosine' },
    });
    const text = await readFile(path.join(directory, 'config.jsonc'), 'utf8');
    expect(text).toContain('  // 48 examples to train, 6 to validate, 6 to test, 2 classes.\n  "dataset"');
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
    const next = await flatmin('train', 'config.jsonc', '--set', 'epochs=1', '--set', 'seeds=[0]', '--out', 'run');
    expect(next.code).toBe(0);
    // What was set is in the config of the run, which `--resume` reads.
    expect(await written('run/config.json')).toMatchObject({ epochs: 1, seeds: [0] });
  });

  it('overwrites nothing without --force', async () => {
    await writeFile(path.join(directory, 'mine.json'), '{}');
    const args = ['init', '--data', 'digits', '--out', 'mine.json', '--yes'];
    const { code, err } = await flatmin(...args);
    expect({ code, err }).toEqual({
      code: 1,
      err: 'flatmin: mine.json exists already. Name another file with --out, or add --force.\n',
    });
    expect(await written('mine.json')).toEqual({});
    expect((await flatmin(...args, '--method', 'lets', '--force')).code).toBe(0);
    expect(await written('mine.json')).toMatchObject({ optimizer: { use: 'lets', inner: { use: 'sam' } } });
  });

  it('takes a column of many numbers for a quantity', async () => {
    expect((await flatmin('init', '--data', 'table.csv', '--label', 'price', '--yes', '--force')).code).toBe(0);
    expect(await written()).toMatchObject({ dataset: { label: 'price', task: 'regression' } });
    // Seven different ones are classes.
    expect((await flatmin('init', '--data', 'table.csv', '--label', 'count', '--yes', '--force')).code).toBe(0);
    expect(await written()).toMatchObject({ dataset: { use: 'text-table', file: 'table.csv', label: 'count' } });
  });

  it.each([
    [
      ['--data', 'table.csv'],
      'table.csv has no column named label. Say which one to predict with --label: count, price, bought.',
    ],
    [['--data', 'table.csv', '--label', 'Bougth'], 'table.csv has no column "Bougth". Did you mean "bought"?'],
    [['--data', 'digits', '--model', 'MLP'], 'no model has the id "MLP". Did you mean "mlp"?'],
    [['--data', 'digits', '--method', 'asma'], 'no variant or meta or base has the id "asma". Did you mean "asam"?'],
    [['--data', 'digit'], 'digit is neither a folder, a file nor a data set. Did you mean "digits"?'],
    [['--data', 'digits', '--model', 'vit'], 'vit takes images, and inputShape is [64].'],
    [['--data', 'digits', '--method', '{"use":"sam","rho":-1}'], 'optimizer.rho: is out of range (got -1)'],
  ])('%j: refuses by name, and writes nothing', async (args, message) => {
    const { code, err } = await flatmin('init', ...args, '--yes', '--out', 'refused.jsonc');
    expect(code).toBe(1);
    expect(err).toContain(message);
    await expect(written('refused.jsonc')).rejects.toThrow('ENOENT');
  });
});
