import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { WarmCommand } from '../terminal/command.fixture.js';
import type { Outcome } from '../terminal/warmNode.fixture.js';

const repository = path.join(__dirname, '../../../..');
let directory = '';
const command = new WarmCommand();
const node = (file: string): Promise<Outcome> => command.node(file, directory);
const flatmin = (...args: string[]): Promise<Outcome> => command.run(args, directory);

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'flatmin-after-'));
  await symlink(path.join(repository, 'node_modules'), path.join(directory, 'node_modules'), 'junction');
  await mkdir(path.join(directory, 'flowers'));
  await write('flowers/train.csv', rows(90));
  await write('flowers/test.csv', rows(30, 7));
});
afterAll(async () => {
  command.end();
  await rm(directory, { recursive: true });
});

const write = (name: string, content: string): Promise<void> => writeFile(path.join(directory, name), content);
const read = (name: string): Promise<string> => readFile(path.join(directory, name), 'utf8');

async function succeed(...args: string[]): Promise<string> {
  const { code, out, err } = await flatmin(...args);
  expect({ args, code, err: code === 0 ? '' : err }).toEqual({ args, code: 0, err: '' });
  return out;
}

async function refused(message: RegExp, ...args: string[]): Promise<void> {
  const { code, err } = await flatmin(...args);
  expect({ args, code, err }).toEqual({ args, code: 1, err: expect.stringMatching(message) as unknown as string });
}

/** Two kinds of flowers by two numbers of very different size. */
function rows(count: number, from = 0): string {
  const lines = Array.from({ length: count }, (_, i) => {
    const kind = (i + from) % 2;
    const noise = Math.sin(12.9898 * (i + from + 1));
    return `${(3 + kind + noise).toFixed(3)},${kind === 0 ? 'ix, "a"' : 'ypsilon'},${(1e6 * (1 - kind) + 3e5 * Math.cos(7 * (i + from))).toFixed(1)}`;
  });
  const quoted = lines.map((line) => line.replace('ix, "a"', '"ix, ""a"""'));
  return ['height,label,mass', ...quoted, ''].join('\n');
}

const config = {
  dataset: { use: 'text-table', dir: 'flowers', features: ['height', 'mass'], validation: 0.2 },
  model: { use: 'mlp', hidden: [8] },
  optimizer: { use: 'sam', rho: 0.05, base: { use: 'momentum', learningRate: 0.1, momentum: 0.9 } },
  epochs: 4,
  batchSize: 16,
  seeds: [1, 2],
  backend: 'cpu',
};

async function train(name: string, changes: object): Promise<void> {
  await write(`${name}.json`, JSON.stringify({ ...config, ...changes }));
  await succeed('train', `${name}.json`, '--out', name);
}

interface Line {
  readonly event: string;
  readonly seed: number;
  readonly epoch: number;
  readonly step: number;
  readonly [part: string]: unknown;
}

const linesOf = async (name: string): Promise<readonly Line[]> =>
  (await read(`${name}/metrics.jsonl`))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

interface Evaluation {
  readonly seed: number;
  readonly weights: string;
  readonly step: number;
  readonly metrics: Readonly<Record<string, unknown>>;
}

const evaluation = async (...args: string[]): Promise<readonly Evaluation[]> =>
  JSON.parse(await succeed('evaluate', ...args, '--json')) as Evaluation[];

describe('case 37: flatmin evaluate', () => {
  it('finds of the last weights what the last epoch recorded, digit for digit, of each seed', async () => {
    await train('plain', {});
    const ends = (await linesOf('plain')).filter(({ event, epoch }) => event === 'epoch' && epoch === 4);
    const found = await evaluation('plain');
    expect(found).toEqual(
      ends.map(({ seed, step, train, validation, test }) => ({
        seed,
        weights: 'last',
        step,
        metrics: { train, validation, test },
      })),
    );
    expect(await evaluation('plain', '--seed', '2', '--part', 'test')).toEqual([
      { ...found[1], metrics: { test: found[1]?.metrics['test'] } },
    ]);
    expect(await succeed('evaluate', 'plain', '--seed', '1')).toMatch(
      /^seed 1, last weights, step 20\n {2}train +loss 0\.\d+ {3}accuracy/,
    );
    await refused(
      /seed 1 in plain has no best weights: they are kept only with earlyStopping/,
      'evaluate',
      'plain',
      '--weights',
      'best',
    );
    await refused(/plain has the seeds 1, 2 and no 3/, 'evaluate', 'plain', '--seed', '3');
    await refused(/there is no run in flowers/, 'evaluate', 'flowers');
  });

  it('finds of the best weights what their epoch recorded', async () => {
    // Whose highest loss is its best one: that of an early epoch.
    await train('stopping', {
      seeds: [1],
      epochs: 6,
      earlyStopping: { metric: 'train.loss', mode: 'max', patience: 6 },
    });
    const epochs = (await linesOf('stopping')).filter(({ event }) => event === 'epoch');
    const lossOf = ({ train }: Line): number => (train as { loss: number }).loss;
    const best = [...epochs].sort((a, b) => lossOf(b) - lossOf(a))[0] as Line;
    expect(best.epoch).toBeLessThan(6);
    const partsOf = ({ train, validation, test }: Line) => ({ train, validation, test });
    expect(await evaluation('stopping')).toEqual([
      { seed: 1, weights: 'best', step: best.step, metrics: partsOf(best) },
    ]);
    const last = epochs.at(-1) as Line;
    expect(await evaluation('stopping', '--weights', 'last')).toEqual([
      { seed: 1, weights: 'last', step: last.step, metrics: partsOf(last) },
    ]);
  });

  it('finds what was recorded of an optimizer that evaluates by other weights, and predicts by these', async () => {
    const base = { use: 'schedule-free-sgd', learningRate: 1, warmupSteps: 5 };
    await train('free', { seeds: [1], optimizer: { use: 'sam', rho: 0.05, base } });
    const { step, train: part, validation, test } = (await linesOf('free')).filter(({ event }) => event === 'epoch').at(-1) as Line; // prettier-ignore
    expect(await evaluation('free')).toEqual([
      { seed: 1, weights: 'last', step, metrics: { train: part, validation, test } },
    ]);
    // The share of right answers is that of the evaluation, which the weights that train do not have.
    const answers = (await succeed('predict', 'free', '--part', 'test')).trim().split('\n').slice(1);
    const labels = (await read('flowers/test.csv')).trim().split('\n').slice(1);
    const kind = (line: string): boolean => line.includes('ypsilon');
    const right = answers.filter((answer, i) => kind(answer) === kind(labels[i] as string));
    expect(right.length / labels.length).toBeCloseTo((test as { accuracy: number }).accuracy, 6);
  });

  it('refuses data that are not those of training, whatever has changed of them', async () => {
    const before = await read('flowers/train.csv');
    try {
      for (const changed of [before.replace(/^\d\.\d+/m, '9.5'), before.replace(/\n[^\n]+\n$/, '\n')]) {
        await write('flowers/train.csv', changed);
        await refused(
          /the data is not what plain was trained with: 72 \+ 18 \+ 30 examples, \w+ then, \d+ \+ \d+ \+ 30 examples, \w+ now/,
          'evaluate',
          'plain',
        );
      }
    } finally {
      await write('flowers/train.csv', before);
    }
  });
});

describe('case 37: flatmin predict', () => {
  const labelled = (): string => rows(30, 7);

  it('reads a table without labels, by the columns and scales of training, and names the classes', async () => {
    const byPart = await succeed('predict', 'plain', '--part', 'test', '--seed', '1');
    // Other columns, another order, no label.
    const others = labelled()
      .trim()
      .split('\n')
      .map((line, i) => (i === 0 ? 'mass,more,height' : `${line.split(',').at(-1)},-,${line.split(',')[0]}`));
    await write('new.csv', `${others.join('\n')}\n`);
    expect(await succeed('predict', 'plain', 'new.csv', '--seed', '1')).toBe(byPart);
    const [head, first] = byPart.split('\n');
    expect(head).toBe('example,prediction,"p(ix, ""a"")",p(ypsilon)');
    expect(first).toMatch(/^1,(ypsilon|"ix, ""a"""),[\d.e-]+,[\d.e-]+$/);
    await succeed('predict', 'plain', 'new.csv', '--seed', '1', '--out', 'predictions.jsonl');
    const all = (await read('predictions.jsonl'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { prediction: string; probabilities: Record<string, number> });
    expect(all).toHaveLength(30);
    for (const { prediction, probabilities } of all) {
      expect(Object.values(probabilities).reduce((sum, p) => sum + p)).toBeCloseTo(1, 6);
      expect(probabilities[prediction]).toBe(Math.max(...Object.values(probabilities)));
    }
    const [{ metrics }] = (await evaluation('plain', '--seed', '1', '--part', 'test')) as [Evaluation];
    const names = Array.from({ length: 30 }, (_, i) => ((i + 7) % 2 === 0 ? 'ix, "a"' : 'ypsilon'));
    const right = all.filter(({ prediction }, i) => prediction === names[i]).length;
    expect(right / 30).toBe((metrics['test'] as { accuracy: number }).accuracy);
  });

  it('writes over nothing, and says what it needs', async () => {
    await write('kept.csv', 'mine');
    await refused(
      /kept.csv already exists, and existing files are never overwritten/,
      'predict',
      'plain',
      'new.csv',
      '--seed',
      '1',
      '--out',
      'kept.csv',
    );
    expect(await read('kept.csv')).toBe('mine');
    await refused(/plain has the seeds 1, 2. Choose one, such as --seed 1/, 'predict', 'plain', 'new.csv');
    await refused(/either a file or a folder to predict from, or a --part/, 'predict', 'plain', '--seed', '1');
    await write('short.csv', 'height\n3\n');
    await refused(/short.csv.*no column "mass"/, 'predict', 'plain', 'short.csv', '--seed', '1', '--out', 'none.csv');
    expect(await readdir(directory)).not.toContain('none.csv');
  });

  it('gives numbers of a regression in the unit of the data', async () => {
    await train('numbers', {
      seeds: [0],
      dataset: {
        use: 'text-table',
        dir: 'flowers',
        task: 'regression',
        label: 'mass',
        features: ['height'],
        validation: 0,
      },
    });
    const out = await succeed('predict', 'numbers', 'new.csv');
    const values = out
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => Number(line.split(',')[1]));
    expect(out.split('\n')[0]).toBe('example,prediction');
    const masses = labelled()
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => Number(line.split(',').at(-1)));
    const error = values.reduce((sum, value, i) => sum + Math.abs(value - (masses[i] as number)), 0) / values.length;
    const [{ metrics }] = (await evaluation('numbers', '--part', 'test')) as [Evaluation];
    const recorded = (metrics['test'] as { meanAbsoluteError: number }).meanAbsoluteError;
    expect(recorded).toBeGreaterThan(1e4);
    expect(error / recorded).toBeCloseTo(1, 5);
  });
});

describe('case 37: flatmin export', () => {
  it('writes weights and a loader, which predicts what flatmin predict does', async () => {
    await succeed('export', 'plain', '--seed', '2', '--to', 'exported');
    expect((await readdir(path.join(directory, 'exported'))).sort()).toEqual([
      'flatmin.json',
      'load.mjs',
      'package.json',
      'weights.bin',
    ]);
    await write(
      'use.mjs',
      `import * as tf from '@tensorflow/tfjs';
import { load } from './exported/load.mjs';
const { predict, manifest, dispose } = await load();
const answers = await predict(tf.tensor2d([[0, 0], [1, -1]]));
dispose();
console.log(JSON.stringify({ names: manifest.classNames, answers }));`,
    );
    const { out } = await node('use.mjs');
    const { names, answers } = JSON.parse(out) as {
      names: string[];
      answers: { prediction: string; probabilities: number[] }[];
    };
    expect(names).toEqual(['ix, "a"', 'ypsilon']);
    // Rows whose prepared values are (0, 0) and (1, -1): the means of train, and a deviation from them.
    const table = (await read('flowers/train.csv'))
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => [line.split(',')[0], line.split(',').at(-1)].map(Number));
    expect(answers).toHaveLength(2);
    expect(table).toHaveLength(90);
    for (const { prediction, probabilities } of answers) {
      expect(probabilities.reduce((sum, p) => sum + p)).toBeCloseTo(1, 6);
      expect(names[probabilities.indexOf(Math.max(...probabilities))]).toBe(prediction);
    }
    await refused(
      /exported holds files, and existing files are never overwritten/,
      'export',
      'plain',
      '--seed',
      '1',
      '--to',
      'exported',
    );
  });

  it('trains a tf.LayersModel of the user, found from the config or in a package, and writes it as TensorFlow.js does', async () => {
    const packaged = path.join(directory, 'here/node_modules/some-trunk');
    await mkdir(packaged, { recursive: true });
    await write(
      'make.mjs',
      `import * as tf from '@tensorflow/tfjs';
import { writeFileSync } from 'node:fs';
const dense = (units, more) => tf.layers.dense({ units, kernelInitializer: tf.initializers.glorotUniform({ seed: units }), ...more });
const model = tf.sequential({ layers: [dense(6, { inputShape: [2], activation: 'tanh', name: 'trunk' }), tf.layers.dropout({ rate: 0.1 }), dense(2, { activation: 'softmax', name: 'end' })] });
await model.save(tf.io.withSaveHandler(async ({ modelTopology, weightSpecs, weightData }) => {
  const folder = 'here/node_modules/some-trunk/';
  writeFileSync(folder + 'model.json', JSON.stringify({ modelTopology, weightsManifest: [{ paths: ['w.bin'], weights: weightSpecs }] }));
  writeFileSync(folder + 'w.bin', new Uint8Array(weightData));
  return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
}));`,
    );
    expect(await node('make.mjs')).toMatchObject({ code: 0 });
    const model = { use: 'layers', path: 'some-trunk/model.json', freeze: ['trunk'] };
    await write('here/own.json', JSON.stringify({ ...config, seeds: [0], model, earlyStopping: { patience: 9 } }));
    await succeed('train', 'here/own.json', '--out', 'own');
    expect((JSON.parse(await read('own/config.json')) as { model: object }).model).toMatchObject({
      path: '../here/node_modules/some-trunk/model.json',
    });
    await succeed('train', '--resume', 'own');
    await succeed('export', 'own', '--to', 'layers');
    expect((await readdir(path.join(directory, 'layers'))).sort()).toEqual([
      'flatmin.json',
      'model.json',
      'weights.bin',
    ]);
    const topology = await read('layers/model.json');
    expect(topology).toContain('"softmax"');
    expect(topology).not.toContain('Flatmin');
    // Frozen weights are those of the package, to the bit; the others moved.
    const [was, is] = await Promise.all([
      readFile(path.join(packaged, 'w.bin')),
      readFile(path.join(directory, 'layers/weights.bin')),
    ]);
    const named =
      (JSON.parse(topology) as { weightsManifest: { weights: { name: string; shape: number[] }[] }[] })
        .weightsManifest[0]?.weights ?? [];
    let at = 0;
    const frozen = named.filter(({ name, shape }) => {
      const bytes = 4 * shape.reduce((product, side) => product * side, 1);
      const found = was.includes(is.subarray(at, (at += bytes)));
      return found && name.startsWith('trunk/kernel');
    });
    expect(frozen).toHaveLength(1);
    expect(was.equals(is)).toBe(false);
    await write('here/wrong.json', JSON.stringify({ ...config, model: { ...model, freeze: ['trnk'] } }));
    await refused(/freeze names "trnk".*trunk/, 'train', 'here/wrong.json', '--out', 'wrong');
  });
});

describe('case 37: security', () => {
  it("loads no plugin that a stranger's run folder names", async () => {
    await write('mine.mjs', "import fs from 'node:fs'; fs.writeFileSync('ran.txt', ''); export default [];");
    await mkdir(path.join(directory, 'stranger'));
    await write('stranger/config.json', JSON.stringify({ ...config, plugins: ['../mine.mjs'] }));
    await write('stranger/metrics.jsonl', '');
    for (const command of [
      ['evaluate', 'stranger'],
      ['predict', 'stranger', 'new.csv'],
      ['export', 'stranger', '--to', 'stolen'],
    ]) {
      await refused(/names plugins, which are code: \.\.\/mine\.mjs\n.*--trust/s, ...command);
    }
    expect(await readdir(directory)).not.toContain('ran.txt');
  });
});
