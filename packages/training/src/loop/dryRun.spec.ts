import { isFlatminError } from '@flatmin/core';
import type { Batch } from '@flatmin/core/plugin';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { timeless, tinyDataSet, tinyModel, tinyOptimizer, trainTiny } from './tinyRun.fixture.js';

let tensors = 0;
beforeEach(() => {
  tensors = tf.memory().numTensors;
});
afterEach(() => expect(tf.memory().numTensors).toBe(tensors));

const momentum = { use: 'momentum', learningRate: 0.1, momentum: 0.9 };

describe('dry run', () => {
  it.each([
    { use: 'sam', rho: 0.1, base: momentum },
    { use: 'sam', rho: 0.1, base: { use: 'adam', learningRate: 0.01 } },
    { use: 'sam', rho: 0.1, base: { use: 'rmsprop', learningRate: 0.01 } },
    momentum,
  ])('changes no bit of the run: %j', async (spec) => {
    const runs = [];
    for (const dryRun of [true, false]) {
      const optimizer = tinyOptimizer(spec);
      const heldOut = { position: 4 };
      const result = await trainTiny({ optimizer, dryRun, positions: { heldOut } });
      runs.push({ ...timeless(result), position: heldOut.position });
      optimizer.dispose();
    }
    expect(runs[0]).toEqual(runs[1]);
  });

  it('tries the step and each part before anything is announced', async () => {
    const model = tinyModel();
    const seen: string[] = [];
    const apply: typeof model.apply = (x, options) => {
      seen.push(`${options?.training === true ? 'training' : 'evaluation'} ${x.shape[0]}`);
      return model.apply(x, options);
    };
    const stop = new AbortController();
    const onStart = (): void => {
      seen.push('start');
      stop.abort();
    };
    await trainTiny({ model: { ...model, apply }, eager: true, callbacks: [{ onStart }], signal: stop.signal });
    expect(seen).toEqual([
      'training 8',
      'training 8',
      'training 4',
      'training 4',
      'evaluation 36',
      'evaluation 12',
      'evaluation 12',
      'start',
    ]);
    model.dispose();
  });

  it('shows at once what would fail at the end of the first epoch, with the shapes', async () => {
    const model = tinyModel();
    let steps = 0;
    const apply: typeof model.apply = (x, options) => {
      if (options?.training !== true) return tf.matMul(x, tf.zeros([3, 3]));
      return model.apply(x, options);
    };
    const onStep = (): void => void (steps += 1);
    const before = tf.memory().numTensors;
    const error: unknown = await trainTiny({ model: { ...model, apply }, callbacks: [{ onStep }] }).catch(
      (thrown: unknown) => thrown,
    );
    expect(tf.memory().numTensors).toBe(before);
    if (!isFlatminError(error)) throw error;
    expect(error.code).toBe('RUN_INVALID');
    expect(error.message).toMatch(/dry run.*evaluating a batch of train.*x is float32 \[36, 2\] and y is int32 \[36\]/);
    expect(error.message).toContain('the model is a network 2-8-3');
    expect(steps).toBe(0);
    model.dispose();
  });

  it.each<[string, (x: tf.Tensor, y: tf.Tensor) => Batch, RegExp]>([
    [
      'x',
      (x, y) => ({ x: x.slice([0, 0], [-1, 1]), y: y as tf.Tensor1D }),
      /x of a batch has shape \[8, 1\], .*\[8, 2\]/,
    ],
    ['y', (x, y) => ({ x, y: y.expandDims(1) as unknown as tf.Tensor1D }), /y of a batch has shape \[8, 1\], .*\[8\]/],
    ['y', (x, y) => ({ x, y: y.toFloat() as tf.Tensor1D }), /y of a batch is float32, and should be int32/],
  ])('refuses, by the name of the data set, a batch whose %s is not what it says', async (_, spoil, message) => {
    const dataset = tinyDataSet();
    const train: typeof dataset.train = {
      ...dataset.train,
      async *batches(options) {
        for await (const { x, y } of dataset.train.batches(options)) {
          const spoilt = spoil(x, y);
          if (spoilt.x !== x) x.dispose();
          if (spoilt.y !== y) y.dispose();
          yield spoilt;
        }
      },
    };
    const error: unknown = await trainTiny({ dataset: { ...dataset, train } }).catch((thrown: unknown) => thrown);
    if (!isFlatminError(error)) throw error;
    expect(error.code).toBe('DATA_INVALID');
    expect(error.message).toMatch(/^tiny, train: /);
    expect(error.message).toMatch(message);
  });

  it.each([true, false])('leaves no tensor behind where the model throws half-way (dry run: %s)', async (dryRun) => {
    const model = tinyModel();
    const apply: typeof model.apply = (x) => {
      model.apply(x);
      throw new Error('half-way');
    };
    await expect(trainTiny({ model: { ...model, apply }, dryRun })).rejects.toThrow('half-way');
    model.dispose();
  });

  it.each<[string, (outputs: tf.Tensor2D) => tf.Tensor]>([
    ['[8, 1]', (outputs) => outputs.slice([0, 0], [-1, 1])],
    ['[3]', (outputs) => outputs.mean(0)],
    ['[8, 4]', (outputs) => outputs.concat(outputs.slice([0, 0], [-1, 1]), 1)],
  ])('refuses, by its description, a model that gives %s, also where that could be broadcast', async (shape, spoil) => {
    const model = tinyModel();
    const apply: typeof model.apply = (x, options) => spoil(model.apply(x, options)) as tf.Tensor2D;
    const error: unknown = await trainTiny({ model: { ...model, apply } }).catch((thrown: unknown) => thrown);
    if (!isFlatminError(error)) throw error;
    expect(error.code).toBe('PLUGIN_FAULTY');
    expect(error.message).toContain(
      `the model a network 2-8-3 gave outputs of shape ${shape} for x of shape [8, 2], where classification needs [8, 3].`,
    );
    model.dispose();
  });
});
