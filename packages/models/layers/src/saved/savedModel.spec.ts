import { createContainer, RandomStream } from '@flatmin/core';
import type { Model, ModelContext } from '@flatmin/core/plugin';
import { samPlugin } from '@flatmin/sam';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { layersPlugin } from '../plugin.js';

const container = createContainer({ plugins: [layersPlugin, samPlugin] });
const drawn = (seed: number) => tf.initializers.glorotUniform({ seed });
let folder = '';
beforeEach(async () => void (folder = await mkdtemp(path.join(tmpdir(), 'flatmin-layers-'))));
afterEach(() => rm(folder, { recursive: true }));

/** Writes a model as every backend can, and gives the path of model.json. */
async function saved(model: tf.LayersModel, change = (_: Record<string, unknown>): void => undefined): Promise<string> {
  const file = path.join(folder, 'model.json');
  await model.save(
    tf.io.withSaveHandler(async ({ modelTopology, weightSpecs, weightData }) => {
      const content = {
        format: 'layers-model',
        modelTopology,
        weightsManifest: [{ paths: ['weights.bin'], weights: weightSpecs }],
      };
      change(content);
      await writeFile(file, JSON.stringify(content));
      await writeFile(path.join(folder, 'weights.bin'), new Uint8Array(weightData as ArrayBuffer));
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    }),
  );
  model.dispose();
  return file;
}

const contextOf = (inputShape: number[], classes: number, task: ModelContext['task'] = 'classification') => ({
  task,
  inputShape,
  classes,
  random: new RandomStream(3),
});

const load = (options: object, context: ModelContext): Promise<Model<tf.Tensor>> =>
  container.loadModel({ use: 'layers' as string, ...options }, context);

const values = (tensor: tf.Tensor): number[] => [...tensor.dataSync()];

/** 2 -> 4 -> n. */
function network(units: number, activation?: 'softmax' | 'sigmoid' | 'relu'): tf.Sequential {
  return tf.sequential({
    layers: [
      tf.layers.dense({ units: 4, inputShape: [2], activation: 'tanh', kernelInitializer: drawn(1), name: 'hidden' }),
      tf.layers.dense({ units, ...(activation && { activation }), kernelInitializer: drawn(2), name: 'out' }),
    ],
  });
}

const x = tf.tensor2d([[1, 0.5], [-1, 2], [0.3, -0.7]]); // prettier-ignore

describe('case 37: a saved tf.LayersModel as a model of a config', () => {
  it('gives the logits whose softmax the saved model gives, and saves that softmax again', async () => {
    const original = network(3, 'softmax');
    const probabilities = values(original.predict(x) as tf.Tensor);
    const model = await load({ path: await saved(original) }, contextOf([2], 3));
    const logits = model.apply(x);
    expect(values(tf.sum(logits, 1)).some((sum) => Math.abs(sum - 1) > 0.1)).toBe(true);
    expect(values(tf.softmax(logits as tf.Tensor2D))).toEqual(
      probabilities.map((p) => expect.closeTo(p, 6) as unknown as number),
    );
    const again = await tf.loadLayersModel(tf.io.fromMemory((await model.artifacts?.()) as tf.io.ModelArtifacts));
    expect(values(again.predict(x) as tf.Tensor)).toEqual(probabilities);
    model.dispose();
    again.dispose();
  });

  it('finds a softmax behind a layer of its own, in a Softmax layer, and before a change of shape', async () => {
    const end = [tf.layers.dense({ units: 3, inputShape: [2], kernelInitializer: drawn(1) })];
    for (const last of [
      [tf.layers.activation({ activation: 'softmax' })],
      [tf.layers.softmax()],
      [tf.layers.softmax(), tf.layers.reshape({ targetShape: [3, 1] }), tf.layers.flatten()],
    ]) {
      const original = tf.sequential({ layers: [...end, ...last] });
      const probabilities = values(original.predict(x) as tf.Tensor);
      const model = await load({ path: await saved(original) }, contextOf([2], 3));
      expect(values(tf.softmax(model.apply(x) as tf.Tensor2D))).toEqual(
        probabilities.map((p) => expect.closeTo(p, 6) as unknown as number),
      );
      model.dispose();
      end[0] = tf.layers.dense({ units: 3, inputShape: [2], kernelInitializer: drawn(1) });
    }
  });

  it('refuses probabilities whose softmax it cannot take out', async () => {
    const input = tf.input({ shape: [2] });
    const one = (seed: number) =>
      tf.layers
        .dense({ units: 3, activation: 'softmax', kernelInitializer: drawn(seed) })
        .apply(input) as tf.SymbolicTensor;
    const outputs = tf.layers.average().apply([one(1), one(2)]) as tf.SymbolicTensor;
    await expect(load({ path: await saved(tf.model({ inputs: input, outputs })) }, contextOf([2], 3))).rejects.toThrow(
      /gives probabilities, and no layer at its end is a softmax/,
    );
  });

  it('takes the sigmoid of one unit for two classes, as the probability of the second', async () => {
    const original = network(1, 'sigmoid');
    const second = values(original.predict(x) as tf.Tensor);
    const model = await load({ path: await saved(original) }, contextOf([2], 2));
    const probabilities = tf.softmax(model.apply(x) as tf.Tensor2D).arraySync();
    expect(probabilities.map(([, p]) => p)).toEqual(second.map((p) => expect.closeTo(p, 6) as unknown as number));
    const again = await tf.loadLayersModel(tf.io.fromMemory((await model.artifacts?.()) as tf.io.ModelArtifacts));
    expect(values(again.predict(x) as tf.Tensor)).toEqual(second);
    model.dispose();
    again.dispose();
  });

  it.each([
    [
      'a sigmoid for each class',
      () => network(3, 'sigmoid'),
      contextOf([2], 3),
      /ends with sigmoid, which decides each of 3 units separately/,
    ],
    ['relu', () => network(3, 'relu'), contextOf([2], 3), /ends with relu/],
    [
      'softmax in regression',
      () => network(1, 'softmax'),
      contextOf([2], 1, 'regression'),
      /a regression needs a linear end/,
    ],
    [
      'another number of classes',
      () => network(3, 'softmax'),
      contextOf([2], 4),
      /outputs have shape \[3\] per example, and the data has 4 classes.*"head": \{\}/,
    ],
    [
      'another shape',
      () => network(3, 'softmax'),
      contextOf([5], 3),
      /takes examples of shape \[2\], and those of the data have \[5\]/,
    ],
  ] as const)('refuses %s', async (_, make, context, message) => {
    const file = await saved(make());
    const { numTensors } = tf.memory();
    await expect(load({ path: file }, context)).rejects.toThrow(message);
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  it('freezes layers by name and by beginning, and says which layers there are', async () => {
    const file = await saved(network(3));
    const model = await load({ path: file, freeze: ['hid*'] }, contextOf([2], 3));
    expect(model.variables.map(({ trainable }) => trainable)).toEqual([true, true, false, false]);
    expect(
      Object.entries(model.roles ?? {})
        .map(([, role]) => role)
        .sort(),
    ).toEqual(['bias', 'bias', 'kernel', 'kernel']);
    model.dispose();
    await expect(load({ path: file, freeze: ['hiden'] }, contextOf([2], 3))).rejects.toThrow(
      /freeze names "hiden".*hidden, out.*Did you mean "hidden"/,
    );
    await expect(load({ path: file, freeze: ['*'] }, contextOf([2], 3))).rejects.toThrow(/every layer is frozen/);
  });

  it('trains no layer that the file says is frozen', async () => {
    const original = network(3);
    (original.layers[1] as tf.layers.Layer).trainable = false;
    const model = await load({ path: await saved(original) }, contextOf([2], 3));
    expect(model.variables.filter(({ trainable }) => trainable).map(({ shape }) => shape)).toEqual([[2, 4], [4]]);
    model.dispose();
  });

  it('keeps the averages of frozen batch normalizations, and works by them in training', async () => {
    const original = tf.sequential({
      layers: [
        tf.layers.batchNormalization({ inputShape: [2], name: 'norm', momentum: 0.5 }),
        tf.layers.dense({ units: 3, name: 'out' }),
      ],
    });
    const file = await saved(original);
    const [held, free] = [
      await load({ path: file, freeze: ['norm'] }, contextOf([2], 3)),
      await load({ path: file }, contextOf([2], 3)),
    ];
    expect(values(held.apply(x, { training: true }))).toEqual(values(held.apply(x)));
    expect(values(free.apply(x, { training: true }))).not.toEqual(values(held.apply(x)));
    // gamma, beta, mean, variance; the mean of column 0 is 0.1, of column 1 0.6: half of it at momentum 0.5.
    const meanOf = ({ variables }: Model<tf.Tensor>) =>
      variables.find(({ name }) => name.includes('moving_mean')) as tf.Variable;
    expect(values(meanOf(held))).toEqual([0, 0]);
    expect(values(meanOf(free))).toEqual([expect.closeTo(0.05, 6), expect.closeTo(0.3, 6)]);
    held.dispose();
    free.dispose();
  });

  it('puts a new head on a trunk: as many outputs as classes, the same for a seed, softmax when it is saved', async () => {
    const trunk = tf.sequential({
      layers: [
        tf.layers.conv2d({
          filters: 2,
          kernelSize: 1,
          inputShape: [3, 3, 1],
          name: 'conv',
          kernelInitializer: drawn(1),
        }),
        tf.layers.conv2d({ filters: 7, kernelSize: 1, activation: 'softmax', name: 'old' }),
      ],
    });
    const file = await saved(trunk);
    const before = tf.memory().numTensors;
    const make = () => load({ path: file, freeze: ['conv'], head: { classes: 4 } }, contextOf([3, 3, 1], 4));
    const [one, two] = [await make(), await make()];
    const images = tf.ones([2, 3, 3, 1]);
    expect(one.apply(images).shape).toEqual([2, 4]);
    expect(values(one.apply(images))).toEqual(values(two.apply(images)));
    expect(one.variables.filter(({ trainable }) => trainable).map(({ shape }) => shape)).toEqual([[2, 4], [4]]);
    const again = await tf.loadLayersModel(tf.io.fromMemory((await one.artifacts?.()) as tf.io.ModelArtifacts));
    expect(values(tf.sum(again.predict(images) as tf.Tensor, 1))).toEqual([expect.closeTo(1, 6), expect.closeTo(1, 6)]);
    tf.dispose([images, ...again.weights.map((weight) => weight.read())]);
    one.dispose();
    two.dispose();
    expect(tf.memory().numTensors - before).toBeLessThan(20); // what the assertions made
    await expect(load({ path: file, head: { classes: 5 } }, contextOf([3, 3, 1], 4))).rejects.toThrow(
      /head.classes is 5, and the data has 4/,
    );
    await expect(load({ path: file, head: { after: 'cnov' } }, contextOf([3, 3, 1], 4))).rejects.toThrow(
      /"cnov", and the model has no such layer.*conv, old/,
    );
  });

  it('adds the penalties of layers to the loss of training', async () => {
    const original = tf.sequential({
      layers: [
        tf.layers.dense({
          units: 1,
          inputShape: [1],
          useBias: false,
          kernelInitializer: 'ones',
          kernelRegularizer: tf.regularizers.l2({ l2: 0.25 }),
        }),
      ],
    });
    const model = await load({ path: await saved(original) }, contextOf([1], 1, 'regression'));
    expect(values(model.regularizer?.() as tf.Scalar)).toEqual([0.25]);
    model.dispose();
  });

  it('starts a topology without weights at weights that the seed decides', async () => {
    const file = await saved(
      tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [2] })] }),
      (content) => void delete content['weightsManifest'],
    );
    const kernel = async (seed: number) => {
      const model = await load({ path: file }, { ...contextOf([2], 3), random: new RandomStream(seed) });
      const found = values(model.variables[0] as tf.Variable);
      model.dispose();
      return found;
    };
    expect(await kernel(1)).toEqual(await kernel(1));
    expect(await kernel(1)).not.toEqual(await kernel(2));
  });

  it('draws one dropout mask a step, and saves the dropout of TensorFlow.js', async () => {
    const original = tf.sequential({
      layers: [
        tf.layers.dropout({ rate: 0.5, inputShape: [64] }),
        tf.layers.dense({ units: 1, useBias: false, kernelInitializer: 'ones' }),
      ],
    });
    const model = await load({ path: await saved(original) }, contextOf([64], 1, 'regression'));
    const outputs: number[] = [];
    const optimizer = container.createOptimizer({ use: 'sam', rho: 1e-12, base: { use: 'sgd', learningRate: 1e-12 } });
    const ones = tf.ones([1, 64]);
    const lossOf = () => {
      const out = model.apply(ones, { training: true });
      outputs.push(values(out)[0] as number);
      return tf.mean<tf.Scalar>(out);
    };
    for (let i = 0; i < 2; i++) optimizer.minimize(lossOf);
    expect(outputs[0]).toBeCloseTo(outputs[1] as number, 4);
    expect(outputs[2]).toBeCloseTo(outputs[3] as number, 4);
    expect(outputs[2]).not.toBeCloseTo(outputs[0] as number, 4);
    expect(JSON.stringify((await model.artifacts?.())?.modelTopology)).not.toContain('Flatmin');
    model.dispose();
  });
});

describe('case 37: files of a model that are not as they should be', () => {
  const context = contextOf([2], 3);
  const broken: readonly (readonly [string, () => Promise<string>, string, RegExp])[] = [
    [
      'is not there',
      () => Promise.resolve('nowhere/model.json'),
      'DATA_FILE_MISSING',
      /nowhere\/model.json cannot be read \(ENOENT\)/,
    ],
    ['is no JSON', () => written('{'), 'DATA_FILE_INVALID', /it is not JSON/],
    [
      'is a graph model',
      () => written('{"format":"graph-model"}'),
      'DATA_FILE_INVALID',
      /graph model, which TensorFlow.js runs and cannot train/,
    ],
    ['is something else', () => written('[1]'), 'DATA_FILE_INVALID', /does not contain a layers model/],
    [
      'has layers of somebody else',
      () => written('{"class_name":"Sequential","config":{"name":"s","layers":[{"class_name":"Mine","config":{}}]}}'),
      'DATA_FILE_INVALID',
      /Unknown layer: Mine/,
    ],
    [
      'names weights outside its folder',
      () =>
        saved(
          network(3),
          (content) => void ((content['weightsManifest'] as { paths: string[] }[])[0]!.paths = ['../../../etc/passwd']),
        ),
      'DATA_FILE_INVALID',
      /weights outside its folder/,
    ],
    [
      'has noise',
      () =>
        saved(
          tf.sequential({
            layers: [tf.layers.gaussianNoise({ stddev: 1, inputShape: [2] }), tf.layers.dense({ units: 3 })],
          }),
        ),
      'DATA_FILE_INVALID',
      /GaussianNoise\) draws again in each pass/,
    ],
  ];
  it.each(broken)('refuses one that %s', async (_, make, code, message) => {
    const loading = load({ path: await make() }, context);
    await expect(loading).rejects.toMatchObject({ code });
    await expect(loading).rejects.toThrow(message);
  });

  it('refuses weights that are cut off', async () => {
    const file = await saved(network(3));
    const weights = path.join(folder, 'weights.bin');
    await writeFile(weights, (await readFile(weights)).subarray(0, 40));
    await expect(load({ path: file }, context)).rejects.toThrow(
      /weight files have 40 bytes, and it describes weights of 108/,
    );
  });

  it('says how to make one where it is asked of createModel', () => {
    expect(() => container.createModel({ use: 'layers', path: 'model.json' }, context)).toThrow(
      /await container.loadModel/,
    );
  });

  async function written(text: string): Promise<string> {
    const file = path.join(folder, 'model.json');
    await writeFile(file, text);
    return file;
  }
});
