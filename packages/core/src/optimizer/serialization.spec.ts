import { beforeAll, describe, expect, it } from '@jest/globals';
import * as layers from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { createContainer, useContainer } from '../compose/container.js';
import { setFallbackContainer } from './currentContainer.js';
import { FlatminError } from '../errors/errors.js';
import { SharpnessAwareOptimizer } from './optimizer.js';
import { pluginOf, thrownBy, toyAverage, toySamPlugin, valuesOf, variantOf } from '../toys.fixture.js';
import type { Spec } from '../plugin/spec.js';

const container = createContainer({
  plugins: [
    toySamPlugin,
    pluginOf(toyAverage),
    pluginOf(
      variantOf(({ evaluate, state, parameters }) => {
        const roles = parameters.map(({ role }) => role).join(' ');
        return { ...evaluate(), state, metrics: { roles } };
      }),
    ),
  ],
});

const spec: Spec = {
  use: 'toy-sam',
  rho: { schedule: 'piecewise', boundaries: [2], values: [0.1, 0.2] },
  every: 2,
  clipNorm: 3,
  guard: true,
  seed: 11,
  base: { use: 'adam', learningRate: 0.01, beta1: 0.8 },
};

const revive = (config: tf.serialization.ConfigDict): SharpnessAwareOptimizer =>
  SharpnessAwareOptimizer.fromConfig(SharpnessAwareOptimizer, config) as unknown as SharpnessAwareOptimizer;

function model(): layers.Sequential {
  const init = (seed: number) => layers.initializers.glorotUniform({ seed });
  return layers.sequential({
    layers: [
      layers.layers.dense({ units: 4, inputShape: [3], activation: 'relu', kernelInitializer: init(1) }),
      layers.layers.dense({ units: 1, kernelInitializer: init(2) }),
    ],
  });
}
const x = (): tf.Tensor2D => tf.tensor2d([[1, 0, 2], [0, 1, -1], [2, 2, 0], [1, -1, 1]]); // prettier-ignore
const y = (): tf.Tensor2D => tf.tensor2d([[1], [0], [2], [-1]]);

async function savedAndLoaded(original: layers.LayersModel): Promise<layers.LayersModel> {
  let artifacts: tf.io.ModelArtifacts | undefined;
  const handler = tf.io.withSaveHandler(async (given) => {
    artifacts = given;
    return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
  });
  await original.save(handler, { includeOptimizer: true });
  const text = JSON.stringify({ ...artifacts, weightData: undefined }); // As a file would hold it.
  const read = { ...(JSON.parse(text) as object), weightData: artifacts?.weightData } as tf.io.ModelArtifacts;
  return layers.loadLayersModel(tf.io.fromMemory(read));
}

describe('getConfig and fromConfig', () => {
  it('refuse to load without a container, and use the fallback where none was set', () => {
    const { spec: encoded } = container.createOptimizer({ use: 'sgd', learningRate: 1 }).getConfig();
    const error = thrownBy(() => revive({ spec: encoded as string }));
    expect(error.code).toBe('CONTAINER_MISSING');
    expect(error.message).toContain('useContainer');
    setFallbackContainer(() => container);
    expect(revive({ spec: encoded as string }).learningRate).toBe(1);
  });

  it('give back the optimizer that the spec said, in strings that no loader can change', () => {
    useContainer(container);
    const original = container.createOptimizer(spec);
    const config = original.getConfig();
    for (const value of Object.values(config)) expect(value).toMatch(/^[0-9a-f]+$/);
    const { setup } = revive(JSON.parse(JSON.stringify(config)) as tf.serialization.ConfigDict);
    expect(setup).toMatchObject({ clipNorm: 3, guard: true, seed: 11, spec });
    expect(setup.base).toMatchObject({ id: 'adam', learningRate: 0.01 });
    expect(setup.base?.option('beta1')).toBe(0.8);
  });

  it('remember the steps of the run and the roles of variables', () => {
    const ramp = { use: 'toy-sam', rho: { schedule: 'linear', from: 1, to: 0 }, base: { use: 'sgd', learningRate: 1 } };
    const config = container.createOptimizer(ramp, { totalSteps: 5, parameters: { w: 'embedding' } }).getConfig();
    const { setup } = revive(config);
    expect(setup.totalSteps).toBe(5);
    const w = tf.variable(tf.scalar(1), true, 'w_1'); // A model loaded beside another gets other names.
    const probe = container.createOptimizer(
      { use: 'probe' as string, base: { use: 'sgd', learningRate: 1 } },
      { parameters: setup.roles },
    );
    probe.minimize(() => tf.square(w), false, [w]);
    expect(probe.lastStep.roles).toBe('embedding');
  });

  it('refuse what was not written by flatmin', () => {
    const spec = Buffer.from('{"use":').toString('hex'); // Cut off.
    for (const config of [{}, { spec: 'not hexadecimal' }, { spec: 7 }, { spec }, { spec: 'ff' }, null, undefined]) {
      expect(thrownBy(() => revive(config as tf.serialization.ConfigDict)).code).toBe('STATE_INVALID');
    }
  });
});

describe('a layers model with the optimizer', () => {
  beforeAll(() => useContainer(container));

  it.each(['toy-sam', 'toy-average'])('trains n, saves, loads and trains n as one that trains 2 n: %s', async (use) => {
    const optimizerSpec: Spec = {
      ...(use === 'toy-sam' ? spec : { use }),
      base: { use: 'momentum', learningRate: 0.05, momentum: 0.9, useNesterov: true },
    };
    const fit = async (of: layers.LayersModel, steps: number): Promise<void> => {
      for (let i = 0; i < steps; i++) await of.trainOnBatch(x(), y());
    };
    const compiled = (): layers.Sequential => {
      const made = model();
      made.compile({ optimizer: container.createOptimizer(optimizerSpec), loss: 'meanSquaredError' });
      return made;
    };
    const [whole, first] = [compiled(), compiled()];
    await fit(whole, 6);
    await fit(first, 3);
    const second = await savedAndLoaded(first);
    expect(second.optimizer instanceof SharpnessAwareOptimizer).toBe(true);
    await fit(second, 3);
    expect(valuesOf(second.getWeights())).toEqual(valuesOf(whole.getWeights()));
    expect(valuesOf(second.getWeights())).not.toEqual(valuesOf(first.getWeights()));
  });

  it('trains by fit with the right losses', async () => {
    const made = model();
    made.compile({ optimizer: container.createOptimizer(spec), loss: 'meanSquaredError' });
    const before = (made.evaluate(x(), y()) as tf.Scalar).dataSync()[0] as number;
    const { history } = await made.fit(x(), y(), { epochs: 2, batchSize: 4, shuffle: false });
    expect(history.loss?.[0]).toBeCloseTo(before, 5);
    expect(history.loss?.[1]).toBeLessThan(before);
  });

  it('refuses to be saved with a base that exists in code only', async () => {
    const made = model();
    const optimizer = container.createOptimizer({ use: 'toy-sam' as string, base: tf.train.sgd(0.1) });
    made.compile({ optimizer, loss: 'meanSquaredError' });
    await expect(savedAndLoaded(made)).rejects.toThrow(FlatminError);
  });
});
