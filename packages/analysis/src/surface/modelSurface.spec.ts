import { RandomStream } from '@flatmin/core';
import type { DataPart, DataSet, Model, Task } from '@flatmin/core/plugin';
import { evaluate } from '@flatmin/training';
import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { officialContainer } from 'flatmin/node';
import { hessian, modelSurface, topEigenvalues } from '../index.js';
import { tinyDataSet, tinyModel } from '../../../training/src/loop/tinyRun.fixture.js';
import { subsetOf } from './subset.js';

const container = officialContainer();
const isNative = (): boolean => tf.getBackend() === 'tensorflow';

/** 24 examples of normal numbers, or of ids from 4 to 19 that end with padding. */
function dataSet(task: Task, inputShape: readonly number[]): DataSet {
  const random = new RandomStream(3);
  const isText = inputShape.length === 1 && task !== 'regression';
  const size = tf.util.sizeFromShape([...inputShape]);
  const ids = (stream: RandomStream, count: number): number[] =>
    Array.from(stream.uniforms(count), (value, i) => (i % size >= size - 2 ? 0 : 4 + Math.floor(16 * value)));
  const part: DataPart<tf.Tensor> = {
    size: 24,
    async *batches({ batchSize }) {
      const [x, y] = tf.tidy(() => {
        const shape = [24, ...inputShape];
        const inputs = isText
          ? tf.tensor(ids(random.at('x'), 24 * size), shape, 'int32')
          : random.at('x').normal(shape);
        if (task === 'classification')
          return [
            inputs,
            tf.tensor1d(
              Int32Array.from({ length: 24 }, (_, i) => i % 3),
              'int32',
            ),
          ] as const;
        if (task === 'regression') return [inputs, random.at('y').normal([24])] as const;
        const targets = tf.tensor2d(ids(random.at('y'), 24 * size), [24, size], 'int32');
        return [
          inputs,
          task === 'language-modelling' ? targets : tf.concat([tf.ones([24, 1], 'int32'), targets], 1),
        ] as const;
      });
      for (let start = 0; start < 24; start += batchSize) {
        const count = Math.min(batchSize, 24 - start);
        yield { x: tf.slice(x, start, count), y: tf.slice(y, start, count) };
      }
      tf.dispose([x, y]);
    },
  };
  const vocabulary = { size: 20, tokens: [], idOf: () => 3 };
  const isSequence = task === 'language-modelling' || task === 'sequence-to-sequence';
  return {
    ...{ id: task, task, inputShape, train: part, validation: part, test: part },
    classes: isSequence ? 20 : task === 'regression' ? 1 : 3,
    ...(isText && { vocabulary }),
    ...(task === 'sequence-to-sequence' && { targetVocabulary: vocabulary }),
  } as unknown as DataSet;
}

describe('every model', () => {
  it.each<[string, object, Task, number[]]>([
    ['mlp', { hidden: [8] }, 'classification', [6, 1, 1]],
    ['mlp', { hidden: [8] }, 'regression', [6]],
    ['mlp1d-cnn', {}, 'classification', [40]],
    ['resnet', { architecture: 'resnet-18', width: 0.0625 }, 'classification', [8, 8, 1]],
    ['vit', { patch: 4, width: 8, depth: 1, heads: 2 }, 'classification', [8, 8, 1]],
    ['text-encoder', { width: 8, depth: 1, heads: 2, positions: 9, dropout: 0.1 }, 'classification', [8]],
    ['text-encoder', { attention: 'disentangled', width: 8, depth: 1, heads: 2, positions: 9 }, 'classification', [8]],
    [
      'transformer',
      { width: 8, hidden: 16, heads: 2, encoderLayers: 1, decoderLayers: 1, dropout: 0.1 },
      'sequence-to-sequence',
      [8],
    ],
  ])(
    '%s %j for %s: the loss of an evaluation, a curvature, and the model as it was',
    async (use, options, task, shape) => {
      const isText = !['mlp', 'mlp1d-cnn', 'resnet', 'vit'].includes(use);
      const plain = dataSet(task, shape);
      const dataset = isText ? plain : ({ ...plain, vocabulary: undefined } as unknown as DataSet);
      const context = {
        task,
        inputShape: shape,
        classes: dataset.classes,
        vocabulary: dataset.vocabulary,
        random: new RandomStream(0),
      };
      const targetVocabulary = 'targetVocabulary' in dataset ? { targetVocabulary: dataset.targetVocabulary } : {};
      const loading = container.loadModel({ use, ...options }, { ...context, ...targetVocabulary } as never);
      if (use === 'resnet' && tf.getBackend() === 'wasm') {
        await expect(loading).rejects.toThrow(/"wasm" has no Conv2DBackpropFilter/);
        return;
      }
      const model = (await loading) as Model<tf.Tensor>;
      const known = await evaluate(model, dataset.train, { task });
      const before = model.variables.map((variable) => [...variable.dataSync()]);
      const surface = await modelSurface(model, dataset, { batchSize: 12 });
      const { loss, metrics } = await surface.value();
      expect(loss).toBeCloseTo(known.loss, 5);
      if (known.accuracy !== undefined) expect(metrics['accuracy']).toBeCloseTo(known.accuracy, 6);
      if (known.r2 !== undefined) expect(metrics['r2']).toBeCloseTo(known.r2, 5);
      const { eigenvalues } = await topEigenvalues(await hessian(surface, { step: 0.05 }), {
        k: 1,
        tolerance: 1e-2,
        maxIterations: 12,
      });
      expect(eigenvalues[0]).toBeGreaterThan(0);
      expect(surface.eagerBecause === undefined).toBe(isNative());
      expect(model.variables.map((variable) => [...variable.dataSync()])).toEqual(before);
      surface.dispose();
      model.dispose();
    },
  );
});

describe('the examples of a surface', () => {
  const rows = async (of: object, batchSize: number): Promise<number[]> => {
    const { train } = tinyDataSet();
    const batches = await subsetOf(train, { examples: 20, seed: 0, ...of }, batchSize);
    const all = batches.flatMap(([x]) => [...x.dataSync()]);
    tf.dispose(batches.flatMap((batch) => [...batch]));
    return all;
  };

  it('are the same whatever the size of the batches, drawn by the seed, and all where there are no more', async () => {
    const { numTensors } = tf.memory();
    const some = await rows({}, 20);
    expect(await rows({}, 7)).toEqual(some);
    expect(some).toHaveLength(40);
    expect(await rows({ seed: 1 }, 20)).not.toEqual(some);
    expect(await rows({ examples: 1000 }, 10)).toHaveLength(72);
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  it('are of the part that was named, which must not be empty', async () => {
    const model = tinyModel();
    const empty = { size: 0, async *batches() {} };
    const dataset = { ...tinyDataSet(), validation: empty } as unknown as DataSet;
    await expect(modelSurface(model, dataset, { part: 'validation' })).rejects.toThrow(
      /the validation part of tiny is empty/,
    );
    const [train, test] = [await modelSurface(model, dataset), await modelSurface(model, dataset, { part: 'test' })];
    expect([train.examples, test.examples]).toEqual([36, 12]);
    expect((await train.value()).loss).not.toBe((await test.value()).loss);
    train.dispose();
    test.dispose();
    model.dispose();
  });
});

it('the loss is what a run minimizes, where that is asked for', async () => {
  const [dataset, model] = [tinyDataSet(), { ...tinyModel(), regularizer: () => tf.scalar(0.5) }];
  const lossOf = async (options: object): Promise<number> => {
    const surface = await modelSurface(model, dataset, options);
    const { loss } = await surface.value();
    expect((await surface.gradient()).loss).toBeCloseTo(loss, 5);
    surface.dispose();
    return loss;
  };
  const plain = await lossOf({});
  expect(await lossOf({ regularizer: true })).toBeCloseTo(plain + 0.5, 5);
  expect(await lossOf({ labelSmoothing: 0.1 })).not.toBeCloseTo(plain, 3);
  // exp of numbers between -1 and 1.
  expect(await lossOf({ normalizeLogits: true })).toBeLessThan(Math.log(3) + 1);
  await expect(modelSurface(model, dataset, { example: 3 } as object)).rejects.toThrow(
    /example: is not an option of modelSurface \(got 3\)\. Did you mean "examples"/,
  );
  model.dispose();
});
