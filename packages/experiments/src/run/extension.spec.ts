import { loadBackend } from '@flatmin/backend';
import { disposeCheckpoint } from '@flatmin/training';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { officialContainer } from 'flatmin/node';
import { checkConfig } from '../config/checkConfig.js';
import { checkpointsOfRun } from './checkpointsOfRun.js';
import { dependsOnLength } from './extension.js';
import { ResultsDirectory } from './resultsDirectory.js';
import type { RunRecord } from './runRecord.js';
import { runSeeds } from './runSeeds.js';
import { requireExtension } from './sameSettings.js';

const container = officialContainer();
const base = { use: 'momentum', learningRate: 0.05, momentum: 0.9 };
const config = {
  dataset: { use: 'digits', validation: 0.1 },
  model: { use: 'mlp', hidden: [4] },
  optimizer: { use: 'sam', rho: 0.05, base } as object,
  epochs: 1,
  batchSize: 256,
  seeds: [0],
  dryRun: false,
  evaluate: { parts: ['validation', 'test'] },
};

let directory = '';
let said = '';
beforeAll(async () => {
  await loadBackend('cpu');
  directory = mkdtempSync(path.join(tmpdir(), 'flatmin-'));
});
afterAll(() => rmSync(directory, { recursive: true }));
beforeEach(() => {
  said = '';
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => (said += String(text)) !== '');
});
afterEach(() => void jest.restoreAllMocks());

/** Runs a config in a folder of this name, as `flatmin train` does, or goes on there. */
async function train(name: string, more: object = {}, extend = false, signal?: AbortSignal): Promise<RunRecord[]> {
  const folder = path.join(directory, name);
  const results = ResultsDirectory.isRun(folder)
    ? ResultsDirectory.resume(folder)
    : await ResultsDirectory.create(folder, 0, () => config);
  const runs: RunRecord[] = [];
  try {
    const backend = await loadBackend('cpu');
    const context = { container, directory: results, backend, signal: signal ?? new AbortController().signal, extend };
    for await (const run of runSeeds(checkConfig({ ...config, ...more }, 'c.json', container), context)) runs.push(run);
  } finally {
    await results.close();
  }
  return runs;
}

/** The weights and slots of the last checkpoint of a seed. */
async function weightsOf(name: string, seed = 0): Promise<unknown> {
  const checkpoint = await checkpointsOfRun(container, path.join(directory, name), seed).latest();
  if (checkpoint === undefined) throw new Error('there is no checkpoint');
  const values = Object.entries({ ...checkpoint, run: [] }).map(([group, tensors]) => [
    group,
    tensors.map(({ tensor }) => [...tensor.dataSync()]),
  ]);
  disposeCheckpoint(checkpoint);
  return values;
}
const linesOf = (name: string): string[] =>
  readFileSync(path.join(directory, name, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n');
const withoutTimes = (lines: readonly string[]): unknown[] =>
  lines.map(
    (line) => JSON.parse(line, (key, value: unknown) => (key.startsWith('seconds') ? undefined : value)) as unknown,
  );
const isNoStart = (line: unknown): boolean => (line as { event: string }).event !== 'start';

describe('--extend', () => {
  it('at a constant learning rate gives the run of more epochs from the start, bit for bit, and more seeds', async () => {
    const more = { epochs: 3, seeds: [0, 1] };
    const whole = await train('whole', more);
    await train('longer');
    await expect(train('longer', more)).rejects.toThrow(
      /seed 0 in .*longer was trained with another config:\n {2}- epochs: 1 there, 3 here\nAdd --extend to train the missing epochs/,
    );
    const runs = await train('longer', more, true);
    expect(said).toMatch(
      /seed 0 continues from 1 to 3 epochs\. The result is that of a run of 3 epochs, because nothing in the config depends/,
    );
    expect(runs.map(({ history }) => history)).toEqual(whole.map(({ history }) => history));
    for (const seed of [0, 1]) expect(await weightsOf('longer', seed)).toEqual(await weightsOf('whole', seed));
    const [all, those] = [withoutTimes(linesOf('longer')), withoutTimes(linesOf('whole'))];
    expect(all.filter(isNoStart)).toEqual(those.filter(isNoStart));
    expect(all.filter((line) => !isNoStart(line))).toMatchObject([
      { seed: 0, step: 0, settings: { epochs: 1 } },
      { seed: 0, step: 5, settings: { epochs: 3 }, before: { epochs: 1 } },
      { seed: 1, step: 0, settings: { epochs: 3 } },
    ]);
    // Told again without more, it is as it is.
    const told = linesOf('longer');
    expect(await train('longer', more)).toEqual(runs);
    expect(linesOf('longer')).toEqual(told);
  });

  it('says where steps were taken under a schedule of another length, in a line and in the record', async () => {
    const cosine = { learningRate: { schedule: 'cosine' } };
    await train('cosine', cosine);
    const [extended] = await train('cosine', { ...cosine, epochs: 2 }, true);
    expect(said).toMatch(
      /seed 0 continues from 1 to 2 epochs\. Its 5 steps were taken with learningRate over 1 epoch, and the next ones follow that over 2: the result differs from a run of 2 epochs from the start\./,
    );
    // (1 + cos(pi 9 / 10)) / 2 of 0.05 at the last step of ten.
    expect(extended?.history.at(-1)?.learningRate).toBeCloseTo(0.05 * 0.5 * (1 + Math.cos(0.9 * Math.PI)), 12);
    expect(JSON.parse(linesOf('cosine').find((line) => line.includes('"before"')) ?? '')).toMatchObject({
      step: 5,
      before: { epochs: 1 },
    });
  });

  it('goes on with a run that was interrupted half-way, also where it was extended and ended at once', async () => {
    const more = { epochs: 3 };
    const aborted = new AbortController();
    aborted.abort();
    await train('half');
    expect(await train('half', more, true, aborted.signal)).toEqual([]);
    // As a kill leaves it that comes between the line of the extension and its first checkpoint.
    const { settings } = JSON.parse(linesOf('half')[0] as string) as { settings: object };
    const [start, ...others] = linesOf('half').slice(0, -1);
    const extended = {
      event: 'start',
      method: 'sam(momentum)',
      seed: 0,
      step: 5,
      settings: { ...settings, epochs: 3 },
      before: { epochs: 1 },
    };
    writeFileSync(
      path.join(directory, 'half', 'metrics.jsonl'),
      [start, ...others, JSON.stringify(extended), ''].join('\n'),
    );
    await train('half', more);
    expect(await weightsOf('half')).toEqual(await weightsOf('whole'));
  });

  it('leaves seeds as they are that stopped early, and takes none that another config has trained', async () => {
    const stopping = { earlyStopping: { metric: 'validation.loss', patience: 1, minDelta: 1e6 }, epochs: 5 };
    const [before] = await train('early', stopping);
    expect(before?.history).toHaveLength(2);
    expect(await train('early', { ...stopping, epochs: 9 }, true)).toEqual([before]);
    expect(said).toMatch(/seed 0 stopped early at step 10, and is not extended/);
    await expect(train('early', { ...stopping, epochs: 9, batchSize: 128 }, true)).rejects.toThrow(
      /batchSize: 256 there, 128 here/,
    );
    await expect(train('early', { ...stopping, epochs: 4 }, true)).rejects.toThrow(
      /epochs: 5 there, 4 here\nRestore config\.json/,
    );
  });
});

it('a seed that was trained on batches as they are is not that of a config that mixes them', async () => {
  const mix = { mixup: { alpha: 0.2 } };
  await train('unmixed');
  await expect(train('unmixed', { mix })).rejects.toThrow(
    /seed 0 in .*unmixed was trained with another config:\n {2}- mix: none there, \{"mixup":\{"alpha":0.2\},"prob":1\} here/,
  );
  const [mixed] = await train('mixed', { mix });
  expect(mixed?.history.at(-1)?.loss).not.toBe((await train('unmixed'))[0]?.history.at(-1)?.loss);
  await expect(train('mixed')).rejects.toThrow(/mix: \{"mixup":\{"alpha":0.2\},"prob":1\} there, none here/);
  expect(() => requireExtension(config, { ...config, epochs: 2, mix })).toThrow(/with another mix it would be another/);
});

describe('dependsOnLength', () => {
  const rho = (schedule: object) => ({ use: 'sam', rho: schedule, base });
  it.each<[string, object, string[]]>([
    ['a number', { learningRate: 0.1 }, []],
    ['step drops, by epochs', { learningRate: { schedule: 'step', everyEpochs: 3 } }, []],
    ['the inverse square root', { learningRate: { schedule: 'inverse-square-root', warmupEpochs: 1 } }, []],
    ['a line', { learningRate: { schedule: 'linear' } }, ['learningRate']],
    ['one cycle', { learningRate: { schedule: 'one-cycle' } }, ['learningRate']],
    ['a ramp of rho over the run', { optimizer: rho({ schedule: 'linear', from: 0.01, to: 0.1 }) }, ['optimizer.rho']],
    ['a ramp of rho over some steps', { optimizer: rho({ schedule: 'linear', from: 0.01, to: 0.1, steps: 10 }) }, []],
    ['LETS, with its own warm-up', { optimizer: { use: 'lets', warmup: 5, inner: { use: 'sam', base } } }, []],
  ])('%s', (_, more, expected) => {
    expect(dependsOnLength(checkConfig({ ...config, ...more }, 'c.json', container), container)).toEqual(expected);
  });
});

it('--set with --extend may change nothing that decides the numbers of what was trained', () => {
  expect(() => requireExtension(config, { ...config, epochs: 2, seeds: [0, 1], logEvery: 3 })).not.toThrow();
  expect(() => requireExtension(config, { ...config, epochs: 1 })).not.toThrow();
  expect(() => requireExtension({ ...config, epochs: 3 }, config)).toThrow(
    /epochs is 3 there and 1 here, and --extend cannot remove any/,
  );
  const other = { ...config, batchSize: 8, optimizer: { ...config.optimizer, rho: 1 } };
  expect(() => requireExtension(config, other)).toThrow(
    /--extend gives a run more epochs and seeds, and with another optimizer\.rho, batchSize it would/,
  );
});
