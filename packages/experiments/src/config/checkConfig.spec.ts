import { isFlatminError, type Problem } from '@flatmin/core';
import { describe, expect, it } from '@jest/globals';
import { officialContainer } from 'flatmin/node';
import { checkConfig, readConfig } from './checkConfig.js';
import { seedsOf } from './runConfig.js';

const good = {
  dataset: { use: 'mnist1d' },
  model: { use: 'mlp', hidden: [10] },
  optimizer: {
    use: 'lets',
    preset: 'robust',
    inner: { use: 'sam', rho: 0.1, base: { use: 'momentum', learningRate: 0.1, momentum: 0.9 } },
  },
  epochs: 2,
  batchSize: 64,
};
const check = (value: unknown) => checkConfig(value, 'c.json', officialContainer());

function problemsOf(value: unknown): readonly Problem[] {
  try {
    check(value);
  } catch (error) {
    if (isFlatminError(error)) return error.problems;
    throw error;
  }
  return [];
}

describe('checkConfig', () => {
  it('takes a good one and adds the defaults', () => {
    const defaults = { backend: 'auto', validationBatchSize: 64, labelSmoothing: 0, logEvery: 50 };
    expect(check(good)).toEqual({
      ...good,
      ...defaults,
      eager: false,
      tensorBoard: false,
      keepCheckpoints: 3,
      dryRun: true,
    });
  });

  it('takes the schema of an editor, and leaves it out', () => {
    expect(check({ $schema: './flatmin.schema.json', ...good })).toEqual(check(good));
    expect(problemsOf({ $schema: 1, ...good }).map(({ path }) => path)).toEqual(['$schema']);
  });

  it('takes every option of train, and checks it', () => {
    const more = {
      evaluate: { parts: ['validation'], every: 2, everySteps: 10, batchSize: 100 },
      earlyStopping: { metric: 'validation.accuracy', patience: 3 },
      checkpointEvery: 100,
      keepCheckpoints: 5,
      eager: true,
      dryRun: false,
    };
    const stopping = { ...more.earlyStopping, minDelta: 0, restoreBest: true };
    expect(check({ ...good, ...more })).toMatchObject({ ...more, earlyStopping: stopping });
    const wrong = {
      ...good,
      evaluate: { parts: ['tset'], evrySteps: 1 },
      earlyStopping: { metric: 'test.loss' },
      checkpointEvery: 0,
    };
    expect(problemsOf(wrong).map(({ path }) => path)).toEqual([
      'evaluate.parts.0',
      'evaluate.evrySteps',
      'earlyStopping.metric',
      'checkpointEvery',
    ]);
  });

  it('lists every problem at once: its own and those of the specs', () => {
    const { base } = good.optimizer.inner;
    const problems = problemsOf({
      dataset: { use: 'mnist1d', validatoin: 0.1 },
      model: { use: 'mpl' },
      optimizer: {
        ...good.optimizer,
        preset: 'robuust',
        inner: { use: 'sam', rho: -1, base: { ...base, momentum: 2 } },
      },
      epochs: 0,
      batchSize: '64',
      seed: 1,
      seeds: [1, 2],
      learnignRate: 1,
      learningRate: { schedule: 'cosine', warmup: 1 },
    });
    const paths = problems.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining([
        'epochs',
        'batchSize',
        'seeds',
        'learnignRate',
        'learningRate.warmup',
        'model.use',
        'optimizer.preset',
        'optimizer.inner.rho',
        'optimizer.inner.base.momentum',
      ]),
    );
    expect(paths.some((path) => path.startsWith('dataset'))).toBe(true);
    expect(paths).toHaveLength(10);
    for (const { message, remedy } of problems) expect({ message, remedy }).not.toEqual({ message: '', remedy: '' });
  });

  it('says which fields are missing, once each', () => {
    const problems = problemsOf({});
    expect(problems.map(({ path, message }) => `${path} ${message}`)).toEqual([
      'dataset is missing',
      'model is missing',
      'optimizer is missing',
      'epochs is missing',
      'batchSize is missing',
    ]);
  });

  it('names the alternative of a learning rate that comes closest', () => {
    expect(problemsOf({ ...good, learningRate: 'cosine' }).map(({ path }) => path)).toEqual(['learningRate']);
    expect(problemsOf({ ...good, learningRate: { schedule: 'step', everyEpochs: 0 } }).map(({ path }) => path)).toEqual(
      ['learningRate.everyEpochs'],
    );
  });

  it.each([[null], [[]], ['text'], [3]])('refuses %j as a whole', (value) => {
    expect(problemsOf(value).map(({ path }) => path)).toEqual(['']);
  });

  it('refuses a file that is not there by its path', async () => {
    await expect(readConfig('/nowhere/c.json', { version: '0.0.0', plugins: 'flatmin/node' })).rejects.toThrow(
      /cannot read \/nowhere\/c\.json/,
    );
  });
});

describe('seedsOf', () => {
  it('is seeds, else seed, else 0', () => {
    expect(seedsOf(check({ ...good, seeds: [4, 5] }))).toEqual([4, 5]);
    expect(seedsOf(check({ ...good, seed: 3 }))).toEqual([3]);
    expect(seedsOf(check(good))).toEqual([0]);
  });
});
