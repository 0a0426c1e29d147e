import { type FlatminError, isFlatminError } from '@flatmin/core';
import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { learningRateSchedule } from './learningRate.js';
import type { TrainOptions } from '../loop/options.js';
import { evaluateSchema } from './evaluation.js';
import { problemsOfRun } from './problemsOfRun.js';
import { problemsOfSettings, type TrainSettings, trainSettingsSchema, withDefaults } from './trainSettings.js';
import { tinyDataSet, tinyModel, tinyOptimizer, trainTiny } from '../loop/tinyRun.fixture.js';
import { rehearse } from '../loop/train.js';

const good: TrainSettings = { epochs: 3, batchSize: 8 };

async function refusalOf(run: Promise<unknown>): Promise<FlatminError> {
  const error: unknown = await run.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (isFlatminError(error)) return error;
  throw new Error('it was not refused by name', { cause: error });
}

describe('settings', () => {
  it('case 31: are checked by one schema, also in code, all at once', async () => {
    const wrong = { epochs: 1.5, logEvery: 0, evaluate: { every: 0, parts: ['tset'] }, labelSmoothing: 1, seed: -1 };
    const { code, problems } = await refusalOf(trainTiny(wrong as unknown as Partial<TrainOptions>));
    expect(code).toBe('SPEC_INVALID');
    expect(problems.map(({ path }) => path).sort()).toEqual([
      'epochs',
      'evaluate.every',
      'evaluate.parts.0',
      'labelSmoothing',
      'logEvery',
      'seed',
    ]);
    expect(problemsOfSettings({ ...good, learningRate: () => 0.1 })).toEqual([]);
  });

  it.each<[string, Partial<TrainSettings>, string]>([
    ['early stopping on a part that is not judged', { earlyStopping: {}, evaluate: { parts: ['test'] } }, 'earlyStopping.metric is for the validation part, which evaluate.parts leaves out'],
    ['early stopping on a part that is empty', { earlyStopping: {} }, 'earlyStopping.metric is for the validation part, in which tiny has no examples'],
    ['generating where there is nothing to generate', { evaluate: { generate: ['test'] } }, 'evaluate.generate is given for classification'],
    ['a rise that outlasts the run', { learningRate: { schedule: 'cosine', warmupEpochs: 4 } }, 'learningRate.warmupEpochs is longer than the run, which has 3 epochs'],
  ])('case 31: refuse %s', (_, more, line) => {
    const dataset = { ...tinyDataSet(), validation: { ...tinyDataSet().validation, size: 0 } };
    const { earlyStopping, evaluate } = more;
    const data = earlyStopping !== undefined && evaluate === undefined ? dataset : tinyDataSet();
    const problems = problemsOfRun({ ...good, ...more }, { dataset: data });
    expect(problems.map(({ path, message }) => `${path} ${message}`)).toEqual([line]);
  }); // prettier-ignore

  it('case 17: an optimizer without a learning rate is refused by name, and no library’s error', async () => {
    const optimizer = tinyOptimizer();
    const without = Object.create(optimizer, { learningRate: { value: NaN } }) as typeof optimizer;
    const { code, message } = await refusalOf(trainTiny({ optimizer: without }));
    expect(code).toBe('SPEC_INVALID');
    expect(message).toContain('optimizer.learningRate: is not a number (got NaN). Give it a base');
    optimizer.dispose();
  });

  it('case 17: a wrong learning rate in code is refused so, too', () => {
    const run = { totalSteps: 1, stepsPerEpoch: 1, defaultRate: 1 };
    expect(() => learningRateSchedule({ schedule: 'cosin' } as never, run)).toThrow(
      expect.objectContaining({ code: 'SPEC_INVALID', message: expect.stringContaining('Did you mean "cosine"?') }),
    );
  });
});

describe('rehearse', () => {
  it('case 31: says what the end of the first epoch would: a metric that no evaluation gives', async () => {
    const earlyStopping = { metric: 'validation.acuracy' };
    let steps = 0;
    const callbacks = [{ onStep: () => void (steps += 1) }];
    const { code, message } = await refusalOf(trainTiny({ earlyStopping, callbacks }));
    expect(code).toBe('RUN_INVALID');
    expect(message).toMatch(/"validation.acuracy".*validation\.loss, validation\.accuracy/);
    expect(steps).toBe(0);
  });

  it('tries batches of every size that the run has, and changes nothing', async () => {
    const [model, optimizer] = [tinyModel(), tinyOptimizer()];
    const weights = model.variables.map((variable) => [...variable.dataSync()]);
    const before = tf.memory().numTensors;
    const sizes: number[] = [];
    const apply: typeof model.apply = (x, options) => {
      if (options?.training === true) sizes.push(x.shape[0]);
      return model.apply(x, options);
    };
    await rehearse({ ...good, dataset: tinyDataSet(), model: { ...model, apply }, optimizer, eager: true });
    // 36 examples: four batches of 8 and one of 4; two gradients a step.
    expect(sizes).toEqual([8, 8, 4, 4]);
    expect(tf.memory().numTensors).toBe(before);
    expect(model.variables.map((variable) => [...variable.dataSync()])).toEqual(weights);
    optimizer.dispose();
    model.dispose();
  });
});

describe('the one schema', () => {
  const defaults = { labelSmoothing: 0, seed: 0, logEvery: 50, eager: false, dryRun: true };

  it('has the defaults of train, in code as in a config', () => {
    expect(trainSettingsSchema.parse(good)).toEqual({ ...good, ...defaults });
    expect(withDefaults(good)).toEqual({ ...good, ...defaults });
    expect(withDefaults({ ...good, seed: undefined, eager: true })).toMatchObject({ seed: 0, eager: true });
  });

  it('leaves as they are a learning rate that is a function, and what a run is known by', () => {
    const learningRate = () => 0.1;
    const evaluate = { parts: ['test'] } as const;
    expect(withDefaults({ ...good, learningRate, evaluate, earlyStopping: {} })).toMatchObject({
      learningRate,
      evaluate: { parts: ['test'] },
      earlyStopping: {},
    });
  });

  it('is what the README says: each option, with its default', () => {
    const readme = readFileSync(path.join(__dirname, '../../README.md'), 'utf8');
    const rows = [...readme.matchAll(/^\| (`[^|]+`)\s+\| [^|]+ \| ([^|]+) \|/gm)].flatMap(
      ([, names = '', value = '']) =>
        [...names.matchAll(/`([^`]+)`/g)].map(([, name]) => [name as string, value.trim()] as const),
    );
    const told = new Map(rows);
    const names = Object.keys(trainSettingsSchema.shape).filter((name) => name !== 'evaluate');
    const none = { mix: 'none', earlyStopping: 'none', reduceOnPlateau: 'none', checkpointEvery: 'none' };
    const words = { learningRate: "the optimizer's own", ...none };
    const expected = names.map((name) => {
      const required = name === 'epochs' || name === 'batchSize' ? 'required' : undefined;
      return [name, required ?? String({ ...defaults, ...words }[name as keyof typeof defaults])];
    });
    const ofEvaluate = {
      parts: 'all',
      every: '1',
      everySteps: 'none',
      batchSize: '500',
      statisticsBatches: '50',
      generate: 'none',
    };
    for (const name of Object.keys(evaluateSchema.shape)) {
      expected.push([`evaluate.${name}`, ofEvaluate[name as keyof typeof ofEvaluate]]);
    }
    expect(expected.map(([name]) => [name, told.get(name as string)])).toEqual(expected);
  });
});
