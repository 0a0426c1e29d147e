import { type FlatminError, isFlatminError } from '@flatmin/core';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs';
import { officialContainer } from 'flatmin/node';
import { checkConfig } from '../config/checkConfig.js';
import { checkRun } from './checkRun.js';

const container = officialContainer();
const momentum = { use: 'momentum', learningRate: 0.1, momentum: 0.9 };
const good = {
  dataset: { use: 'digits', validation: 0.1 },
  model: { use: 'mlp', hidden: [4] },
  optimizer: { use: 'sam', base: momentum },
  epochs: 2,
  batchSize: 64,
};
const nothingHeldOut = { use: 'digits', validation: 0 };
const lets = { use: 'lets', warmup: 5, inner: { use: 'sam', base: momentum } };

/** What `flatmin train --check` does with a config. */
async function check(config: object, rehearses = true): Promise<void> {
  await checkRun(checkConfig(config, 'c.json', container), container, { source: 'c.json', rehearses });
}

async function refusalOf(config: object): Promise<FlatminError> {
  const error: unknown = await check(config).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (isFlatminError(error)) return error;
  throw new Error('it was not refused by name', { cause: error });
}

let tensors = 0;
beforeEach(() => {
  tensors = tf.memory().numTensors;
});
afterEach(() => expect(tf.memory().numTensors).toBe(tensors));

describe('case 31: the check before a run', () => {
  it.each<[string, object]>([
    ['SAM', {}],
    ['LETS', { optimizer: lets }],
    ['early stopping', { earlyStopping: { metric: 'validation.accuracy' } }],
  ])('takes what can be run: %s', async (_, more) => {
    await check({ ...good, ...more });
  });

  it.each<[string, object, string, RegExp]>([
    ['early stopping on a part that is not judged', { earlyStopping: {}, evaluate: { parts: ['test'] } }, 'SPEC_INVALID', /earlyStopping\.metric: is for the validation part/],
    ['early stopping without that part', { dataset: nothingHeldOut, earlyStopping: {} }, 'SPEC_INVALID', /earlyStopping\.metric: .*digits has no examples/],
    ['a metric that is none', { earlyStopping: { metric: 'train.acuracy' } }, 'RUN_INVALID', /train\.loss, train\.accuracy/],
    ['images’ ResNet on flat digits', { model: { use: 'resnet' } }, 'DATA_INVALID', /resnet takes images, and inputShape is \[64\]/],
    ['a folder that is not there', { dataset: { use: 'image-folder', dir: '/nowhere' } }, 'DATA_FILE_MISSING', /\/nowhere/],
    ['LETS without held-out data', { dataset: nothingHeldOut, optimizer: lets }, 'VALIDATION_LOSS_MISSING', /digits has none.*"validation": 0\.1/],
    ['seeds that repeat', { seeds: [1, 1, 1] }, 'SPEC_INVALID', /seeds: names a seed twice/],
    ['a rise that outlasts the run', { learningRate: { schedule: 'linear', warmupEpochs: 3 } }, 'SPEC_INVALID', /warmupEpochs: is longer than the run, which has 2 epochs/],
    ['generating with a classifier', { evaluate: { generate: ['test'] } }, 'SPEC_INVALID', /evaluate\.generate: is given for classification/],
  ])('refuses %s', async (_, more, code, message) => {
    const error = await refusalOf({ ...good, ...more });
    expect(error.message).toMatch(message);
    expect(error.code).toBe(code);
  }); // prettier-ignore

  it('says all of it at once, by path', async () => {
    const wrong = { ...good, dataset: nothingHeldOut, model: { use: 'resnet' }, optimizer: lets, earlyStopping: {} };
    const { problems } = await refusalOf(wrong);
    expect(problems.map(({ path }) => path)).toEqual(['model', 'earlyStopping.metric', 'optimizer']);
  });

  it('case 17: refuses an optimizer without a base, and tells what one is', async () => {
    const { message } = await refusalOf({ ...good, optimizer: { use: 'sam' } });
    expect(message).toMatch(/base/);
    expect(message).not.toMatch(/Zod|^\s+at /m);
  });
});
