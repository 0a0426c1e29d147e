import { definePlugin } from '@flatmin/core/plugin';
import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import * as flatmin from './index.js';
import { officialContainer, officialPlugins as pluginsOfNode } from './node.js';

const { createContainer, createOptimizer, officialPlugins } = flatmin;
const sgd = { use: 'sgd', learningRate: 0.1 };

describe('the umbrella', () => {
  it('registers every official plugin and every optimizer of TF.js', () => {
    const ids = flatmin
      .officialContainer()
      .plugins()
      .map(({ id }) => id);
    for (const { id } of officialPlugins) expect(ids).toContain(id);
    expect(ids).toEqual(
      expect.arrayContaining(['sgd', 'momentum', 'adam', 'adamax', 'adagrad', 'adadelta', 'rmsprop']),
    );
  });

  it('has every plugin of a page in Node, too, and besides those the data sets that read files', () => {
    const more = pluginsOfNode.filter((plugin) => !officialPlugins.includes(plugin));
    expect(pluginsOfNode.slice(0, officialPlugins.length)).toEqual(officialPlugins);
    expect(more.map(({ kind, id }) => [kind, id])).toEqual(
      ['idx', 'cifar', 'brown', 'parallel-text', 'cmudict', 'glue', 'text-table', 'image-folder'].map((id) => [
        'dataset',
        id,
      ]),
    );
  });

  it('case 25: has no id that create-flatmin-plugin would give to a plugin of others', () => {
    const listed = readFileSync(path.join(__dirname, '../../create-flatmin-plugin/src/officialIds.ts'), 'utf8');
    const ids = officialContainer()
      .plugins()
      .map(({ id }) => id);
    expect([...listed.matchAll(/^ {2}'(.+)',$/gm)].map(([, id]) => id)).toEqual([...ids].sort());
  });

  it('creates the same optimizer from a spec and in code', () => {
    const train = (make: () => flatmin.SharpnessAwareOptimizer): number[] => {
      const w = tf.variable(tf.tensor1d([3, -2, 1]));
      const optimizer = make();
      for (let i = 0; i < 4; i++) optimizer.minimize(() => tf.sum<tf.Scalar>(tf.pow(w, 4)), false, [w]);
      const result = Array.from(w.dataSync());
      optimizer.dispose();
      w.dispose();
      return result;
    };
    const base = { use: 'momentum', learningRate: 0.001, momentum: 0.9 };
    const fromSpec = train(() => createOptimizer({ use: 'asam', rho: 0.5, eta: 0.01, base }));
    const inCode = train(() => flatmin.asam({ rho: 0.5, eta: 0.01, base: tf.train.momentum(0.001, 0.9) }));
    expect(inCode).toEqual(fromSpec);
  });

  it('takes another container, which knows other plugins', () => {
    const other = createContainer({ plugins: [] });
    expect(() => createOptimizer({ use: 'sam', base: sgd }, { container: other })).toThrow(/"sam" is not registered/);
    const validate = (value: unknown) => ({ value });
    const mine = definePlugin({
      kind: 'variant',
      id: 'mine',
      apiVersion: 1,
      options: { '~standard': { version: 1, vendor: 'by-hand', validate } } as never,
      create: () => ({
        id: 'mine',
        radius: 'none',
        initialState: () => ({}),
        estimate: (step) => ({ ...step.evaluate(), state: step.state }),
      }),
    });
    const optimizer = createOptimizer(
      { use: 'mine', base: sgd },
      { container: createContainer({ plugins: [mine] }), totalSteps: undefined },
    );
    const w = tf.variable(tf.scalar(1));
    optimizer.minimize(() => tf.square(w).asScalar(), false, [w]);
    expect(w.dataSync()[0]).toBeCloseTo(0.8, 6);
    optimizer.dispose();
    w.dispose();
  });

  it('loads a saved model with its optimizer, which goes on where it was', async () => {
    const x = tf.randomNormal([16, 3], 0, 1, 'float32', 1);
    const y = tf.randomNormal([16, 1], 0, 1, 'float32', 2);
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [3] })] });
    const optimizer = flatmin.compile(model, {
      optimizer: { use: 'sam', rho: 0.1, base: { use: 'adam', learningRate: 0.01 } },
      loss: 'meanSquaredError',
    });
    await model.fit(x, y, { epochs: 2, verbose: 0 });
    let saved: tf.io.ModelArtifacts | undefined;
    const handler = tf.io.withSaveHandler(async (artifacts) => {
      saved = artifacts;
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    });
    await model.save(handler, { includeOptimizer: true });
    const loaded = await tf.loadLayersModel(tf.io.fromMemory(saved as tf.io.ModelArtifacts));
    for (const each of [model, loaded]) await each.fit(x, y, { epochs: 2, verbose: 0, shuffle: false });
    const weights = (each: tf.LayersModel): number[][] => each.getWeights().map((w) => Array.from(w.dataSync()));
    expect(weights(loaded)).toEqual(weights(model));
    expect(optimizer.lastStep.gradientEvaluations).toBe(2);
  });
});
