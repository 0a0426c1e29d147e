import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { disposeCheckpoint } from '@flatmin/training';
import { checkpointDirectory } from '@flatmin/training/node';
import * as tf from '@tensorflow/tfjs-core';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { start, WarmCommand } from '../terminal/command.fixture.js';

const repository = path.join(__dirname, '../../../..');
const command = new WarmCommand();
let directory = '';
const at = (...names: string[]): string => path.join(directory, ...names);

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'flatmin-analyze-'));
  await symlink(path.join(repository, 'node_modules'), at('node_modules'), 'junction');
  const base = { use: 'momentum', learningRate: 0.1, momentum: 0.9 };
  await train('sgd', { optimizer: base });
  await train('sam', { optimizer: { use: 'sam', rho: 0.1, base }, keepCheckpoints: 9, checkpointEvery: 6 });
  await train('other', { optimizer: base, name: 'other', seeds: [1] });
});
afterAll(async () => {
  command.end();
  await rm(directory, { recursive: true });
});

async function succeed(...args: string[]): Promise<string> {
  const { code, out, err } = await command.run(args, directory);
  expect({ args, code, err: code === 0 ? '' : err }).toEqual({ args, code: 0, err: '' });
  return out;
}

async function refused(message: RegExp, ...args: string[]): Promise<void> {
  const { code, err } = await command.run(args, directory);
  expect({ args, code, err }).toEqual({ args, code: 1, err: expect.stringMatching(message) as unknown as string });
}

async function train(name: string, changes: object): Promise<void> {
  const config = { dataset: { use: 'digits' }, model: { use: 'mlp', hidden: [4] }, epochs: 1, batchSize: 64 };
  await writeFile(at(`${name}.json`), JSON.stringify({ ...config, ...changes }));
  await succeed('train', `${name}.json`, '--out', name);
}

/** Few examples, products and points. */
const small = ['--examples', '48', '--batch', '24', '--k', '2', '--products', '6', '--points', '5'];
const jsonOf = (file: string) => JSON.parse(readFileSync(at(file), 'utf8')) as Record<string, unknown>;
const finite = expect.any(Number) as unknown;

describe('flatmin analyze', () => {
  it('measures a run by all that there is: each number with its error, a page, and JSON', async () => {
    const flags = [
      '--hessian',
      '--sharpness',
      '--landscape',
      '--trajectory',
      '--density',
      '--gauss-newton',
      '--adaptive',
    ];
    const out = await succeed('analyze', 'sam', ...small, ...flags, '--blocks', 'role', '--json', 'sam-analysis.json');
    expect(out).toMatch(
      /^Measured on 48 of 1,167 training examples of digits: the largest Hessian eigenvalue is [\d.]+ ± [\d.e-]+, the trace .+; the loss rises by [\d.]+ at worst within radius 0\.1\.\n/,
    );
    expect(out).toMatch(/\ntrain loss +\d\.\d+\ntrain accuracy +0\.\d+\n/);
    expect(out).toMatch(/\nPage: sam\/analysis\/report\.html\nJSON: sam-analysis\.json\n$/);
    const found = jsonOf('sam-analysis.json');
    expect(found).toMatchObject({
      ...{ run: 'sam', seed: 0, weights: 'last', step: 19, part: 'train', examples: 48, partExamples: 1167 },
      ...{ radius: 0.1, parameters: 310, notFinite: 0 },
      ...{ loss: finite, accuracy: finite, trace: finite, traceError: finite, differenceError: finite },
      eigenvalues: [finite, finite],
      eigenvalueErrors: [finite, finite],
      gaussNewton: { eigenvalues: [finite, finite], trace: finite },
      blocks: [{ name: 'kernel' }, { name: 'bias' }],
      density: { eigenvalues: expect.any(Array) as unknown },
      sharpness: { rho: 0.1, rhoFrom: 'run', m: 24, mSharpnessError: finite, averageAdaptive: finite },
      trajectory: {
        explained: [finite, finite],
        path: [{ step: 6 }, { step: 12 }, { step: 18 }, { step: 19, x: 0, y: 0, distance: 0 }],
      },
    });
  });

  it('is centered on the weights: the loss in the middle of a landscape is that of the run', async () => {
    const { loss, accuracy, landscape } = jsonOf('sam-analysis.json') as {
      loss: number;
      accuracy: number;
      landscape: { losses: { train: number[][] }; metrics: { train: number[][] }; balls: object[]; examples: object };
    };
    expect(landscape.losses.train[2]?.[2]).toBeCloseTo(loss, 6);
    expect(landscape.metrics.train[2]?.[2]).toBeCloseTo(accuracy, 6);
    expect(landscape).toMatchObject({ balls: [{ rho: 0.1, adaptive: true }], examples: { train: 48, test: 48 } });
    const evaluated = JSON.parse(await succeed('evaluate', 'sam', '--part', 'test', '--json')) as [
      { metrics: { test: { loss: number } } },
    ];
    await succeed(
      'analyze',
      'sam',
      '--landscape',
      '--points',
      '3',
      '--part',
      'test',
      '--examples',
      '9999',
      '--out',
      'whole',
      '--json',
      'whole.json',
    );
    expect(jsonOf('whole.json')['loss']).toBeCloseTo(evaluated[0].metrics.test.loss, 5);
  });

  it('takes points that are there for the same weights, data and plane, and none for anything else', async () => {
    const folder = at('sam/analysis');
    const name = readdirSync(folder).find((each) => each.startsWith('plane-')) as string;
    const lines = readFileSync(path.join(folder, name), 'utf8').trim().split('\n');
    expect(lines).toHaveLength(1 + 25);
    // As a run that was ended after three points had left it, one of which nobody could measure.
    const marked = (lines[1] as string).replace(/"loss":[\d.]+/, '"loss":1234');
    writeFileSync(path.join(folder, name), [lines[0], marked, lines[2], lines[3], '{"at":[0.5'].join('\n'));
    await succeed('analyze', 'sam', ...small, '--landscape', '--json', 'resumed.json');
    const lossesOf = (file: string) =>
      (jsonOf(file)['landscape'] as { losses: { train: number[][] } }).losses.train.flat();
    const before = lossesOf('sam-analysis.json');
    expect(lossesOf('resumed.json')).toEqual([1234, ...before.slice(1)]);
    await succeed('analyze', 'sam', ...small, '--landscape', '--batch', '12', '--json', 'anew.json');
    expect(lossesOf('anew.json')[0]).toBeCloseTo(before[0] as number, 4);
  });

  it('shows runs side by side, the line through two and the plane through three', async () => {
    const two = await succeed('analyze', 'sgd', 'sam', ...small, '--landscape', '--out', 'two', '--json', 'two.json');
    expect(two).toMatch(/On the line between momentum and sam\(momentum\) the barrier is [\d.e-]+ in train loss and/);
    const found = jsonOf('two.json') as unknown as {
      runs: { loss: number }[];
      line: { alpha: number[]; losses: { train: number[] } };
      barrier: object;
    };
    const lossAt = (alpha: number) => found.line.losses.train[found.line.alpha.indexOf(alpha)];
    expect(lossAt(0)).toBeCloseTo(found.runs[0]?.loss as number, 5);
    expect(lossAt(1)).toBeCloseTo(found.runs[1]?.loss as number, 5);
    expect(found.barrier).toMatchObject({ train: { barrier: finite }, test: { barrier: finite } });
    await succeed('analyze', 'sgd', 'sam', 'other', ...small, '--landscape', '--out', 'three', '--json', 'three.json');
    expect(jsonOf('three.json')).toMatchObject({
      runs: [{ name: 'momentum' }, { name: 'sam(momentum)' }, { name: 'other' }],
      plane: {
        places: [{ x: 0, y: 0 }, { run: 'sam(momentum)' }, { run: 'other' }],
        balls: [{ run: 'sam(momentum)' }],
      },
    });
    for (const page of ['sam/analysis/report.html', 'two/comparison.html', 'three/comparison.html']) {
      const html = await readFile(at(page), 'utf8');
      expect(html).toMatch(/<p class="verdict">Measured on 48 of 1,167 training examples/);
      expect(html).not.toMatch(/<script|<link|https?:\/\/(?!www\.w3\.org)|NaN|Infinity/);
      expect(statSync(at(page)).size).toBeLessThan(2e6);
    }
  });

  it('says what it needs', async () => {
    await refused(
      /sgd kept one checkpoint, .* needs three\. Train with more, such as "keepCheckpoints": 50/,
      'analyze',
      'sgd',
      '--trajectory',
    );
    await refused(
      /a landscape is of one, two or three runs, and there are 4/,
      'analyze',
      'sgd',
      'sam',
      'sgd',
      'sam',
      '--landscape',
    );
    await refused(/a trajectory is of one run, and there are 2/, 'analyze', 'sgd', 'sam', '--trajectory');
    await refused(
      /no metric "f1" here\. Use one of: accuracy/,
      'analyze',
      'sgd',
      ...small,
      '--landscape',
      '--metric',
      'f1',
    );
    await refused(
      /sam-analysis\.json exists already, and nothing is overwritten/,
      'analyze',
      'sam',
      '--json',
      'sam-analysis.json',
    );
    await refused(/there is no run in two/, 'analyze', 'two');
    await train('wide', { model: { use: 'mlp', hidden: [5] }, optimizer: { use: 'sgd', learningRate: 0.1 } });
    await refused(/momentum and sgd have different models/, 'analyze', 'sgd', 'wide', ...small, '--landscape');
  });

  it('names weights that are not finite', async () => {
    const checkpoints = checkpointDirectory(at('other/checkpoint-seed-1'));
    const latest = await checkpoints.latest();
    if (latest === undefined) throw new Error('there is a checkpoint');
    const [first, ...others] = latest.model;
    const broken = { name: first?.name ?? '', tensor: tf.fill(first?.tensor.shape ?? [], NaN) };
    await checkpoints.save({
      ...latest,
      run: { ...latest.run, steps: latest.run.steps + 1 },
      model: [broken, ...others],
    });
    disposeCheckpoint(latest);
    broken.tensor.dispose();
    await refused(/the weights of .*kernel are not all finite numbers/, 'analyze', 'other');
  });

  it('looks at a tf.LayersModel of the user', async () => {
    await writeFile(
      at('make.mjs'),
      `import * as tf from '@tensorflow/tfjs';
import { mkdirSync, writeFileSync } from 'node:fs';
const dense = (units, more) => tf.layers.dense({ units, kernelInitializer: tf.initializers.glorotUniform({ seed: units }), ...more });
const model = tf.sequential({ layers: [dense(4, { inputShape: [64], activation: 'tanh' }), tf.layers.batchNormalization(), tf.layers.dropout({ rate: 0.2 }), dense(10, { activation: 'softmax' })] });
await model.save(tf.io.withSaveHandler(async ({ modelTopology, weightSpecs, weightData }) => {
  mkdirSync('own-model');
  writeFileSync('own-model/model.json', JSON.stringify({ modelTopology, weightsManifest: [{ paths: ['w.bin'], weights: weightSpecs }] }));
  writeFileSync('own-model/w.bin', new Uint8Array(weightData));
  return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
}));`,
    );
    expect(await command.node('make.mjs', directory)).toMatchObject({ code: 0 });
    const model = { use: 'layers', path: 'own-model/model.json' };
    await train('own', { model, optimizer: { use: 'sgd', learningRate: 0.1 } });
    await train('own-2', { model, optimizer: { use: 'sgd', learningRate: 0.2 } });
    const args = ['--landscape', '--hessian', '--json', 'own-analysis.json', '--out', 'own-both'];
    await succeed('analyze', 'own', 'own-2', ...small, ...args);
    const { runs, line } = jsonOf('own-analysis.json') as unknown as {
      runs: { loss: number; eigenvalues: number[] }[];
      line: { alpha: number[]; losses: { train: number[] } };
    };
    expect(runs.map(({ eigenvalues }) => eigenvalues.length)).toEqual([2, 2]);
    // With the moving averages of the second run at its end.
    expect(line.losses.train[line.alpha.indexOf(1)]).toBeCloseTo(runs[1]?.loss as number, 5);
  });

  it('goes on with a landscape that Ctrl-C ended', async () => {
    const args = ['analyze', 'sam', '--landscape', '--points', '401', '--examples', '48', '--out', 'ended'];
    const { child, ended } = start(args, { cwd: directory });
    const hasPoints = async (): Promise<boolean> => {
      const names = await readdir(at('ended')).catch(() => []);
      return names.some((name) => name.endsWith('.jsonl') && statSync(at('ended', name)).size > 5000);
    };
    while (child.exitCode === null && !(await hasPoints())) await new Promise((resolve) => setTimeout(resolve, 50));
    child.kill('SIGINT');
    const { code, err } = await ended;
    expect(code).toBe(130);
    expect(err).toMatch(
      /Interrupted\. \d+ of 160801 points are kept in ended\/plane-step-19-seed-0-[0-9a-f]{16}\.jsonl/,
    );
    expect(await readdir(at('ended'))).toHaveLength(1);
  });
});
