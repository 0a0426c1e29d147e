import { createContainer, useContainer } from '@flatmin/core';
import { sam, samPlugin } from '@flatmin/sam';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import * as tf from '@tensorflow/tfjs';
import { attach } from './attach.js';
import { compile } from './compile.js';
import { convertDropout } from './convertDropout.js';
import { dropoutLayer } from './dropoutLayer.js';
import { examples, reloaded, weightsOf } from './models.fixture.js';

const container = createContainer({ plugins: [samPlugin] });
const onNative = (process.env['FLATMIN_BACKEND'] ?? 'tensorflow') === 'tensorflow';
const base = { use: 'sgd', learningRate: 0.1 };
const loss = 'categoricalCrossentropy';

/** Its weights are the same in each. */
function model(): tf.Sequential {
  const kernel = (seed: number) => tf.initializers.glorotNormal({ seed });
  return tf.sequential({
    layers: [
      tf.layers.dense({ units: 8, inputShape: [2], kernelInitializer: kernel(1) }),
      dropoutLayer({ rate: 0.5, name: 'drop' }),
      tf.layers.dense({ units: 3, activation: 'softmax', kernelInitializer: kernel(2) }),
    ],
  });
}

/** Two dropout layers of one shape, without names. */
function nameless(make: (options: { rate: number }) => tf.layers.Layer = dropoutLayer): tf.Sequential {
  const kernel = (seed: number) => tf.initializers.glorotNormal({ seed });
  return tf.sequential({
    layers: [
      tf.layers.dense({ units: 8, inputShape: [2], kernelInitializer: kernel(1) }),
      make({ rate: 0.5 }),
      make({ rate: 0.5 }),
      tf.layers.dense({ units: 3, activation: 'softmax', kernelInitializer: kernel(2) }),
    ],
  });
}

/** What each dropout layer of a model leaves of ones, in a step. */
function masksOf(of: tf.LayersModel): number[][] {
  compile(of, { container, optimizer: { use: 'sam', base }, loss });
  const layers = of.layers.slice(1, 3);
  const masks: number[][] = [];
  (of.optimizer as ReturnType<typeof sam>).minimize(() => {
    for (const layer of layers)
      masks.push([...(layer.apply(tf.ones([1, 8]), { training: true }) as tf.Tensor).dataSync()]);
    return tf.sum<tf.Scalar>(of.layers[0]!.getWeights()[0]!);
  });
  return masks;
}

const fitting = { epochs: 4, batchSize: 3, shuffle: false, verbose: 0 } as const;

beforeEach(() => useContainer(container));
afterEach(() => {
  jest.restoreAllMocks();
});

describe('dropoutLayer', () => {
  it('leaves predictions alone, and drops in training', () => {
    const layer = dropoutLayer({ rate: 0.5 });
    const x = tf.ones([200]);
    expect([...(layer.apply(x) as tf.Tensor).dataSync()]).toEqual([...x.dataSync()]);
    const dropped = (layer.apply(x, { training: true }) as tf.Tensor).dataSync();
    expect(new Set(dropped)).toEqual(new Set([0, 2]));
  });

  it('drops the same in both passes: a step of rho 0 is a plain one', async () => {
    const { x, classes } = examples();
    const train = async (rho: number): Promise<unknown> => {
      const trained = model();
      compile(trained, { optimizer: sam({ rho, base }), loss });
      await trained.fit(x, classes, fitting);
      return weightsOf(trained);
    };
    // SAM at rho 0 takes the gradient of its second pass.
    const plain = model();
    compile(plain, { container, optimizer: base, loss });
    await plain.fit(x, classes, fitting);
    expect(await train(0)).toEqual(weightsOf(plain));
    expect(await train(0.5)).not.toEqual(weightsOf(plain));
  });

  it('goes on after saving and loading as if it had not stopped', async () => {
    const { x, classes } = examples();
    const [through, broken] = [model(), model()];
    for (const each of [through, broken]) compile(each, { container, optimizer: { use: 'sam', rho: 0.1, base }, loss });
    await through.fit(x, classes, { ...fitting, epochs: 8 });
    await broken.fit(x, classes, fitting);
    const loaded = await reloaded(broken);
    attach(loaded);
    await loaded.fit(x, classes, fitting);
    expect(weightsOf(loaded)).toEqual(weightsOf(through));
  });

  (onNative ? it : it.skip)('trains as graphs to the same weights, and says nothing', async () => {
    const said = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    const { x, classes } = examples();
    const weights = [];
    for (const graph of [false, true]) {
      const trained = model();
      compile(trained, { optimizer: sam({ rho: 0.1, base }), loss, graph });
      await trained.fit(x, classes, fitting);
      weights.push(trained.getWeights().flatMap((weight) => [...weight.dataSync()]));
    }
    const [eager, captured] = weights as [number[], number[]];
    captured.forEach((value, i) => expect(value).toBeCloseTo(eager[i] as number, 5));
    expect(said).not.toHaveBeenCalled();
  });

  it('case 11: draws the same in a model that is built again, without names, also when it is loaded', async () => {
    const { x, classes } = examples();
    const args = { container, optimizer: { use: 'sam', rho: 0.1, base }, loss };
    const trained = async (start: tf.LayersModel, epochs = 4): Promise<tf.LayersModel> => {
      compile(start, args);
      await start.fit(x, classes, { ...fitting, epochs });
      return start;
    };
    const first = await trained(nameless());
    dropoutLayer({ rate: 0.1 }); // TF.js counts it.
    expect(weightsOf(await trained(nameless()))).toEqual(weightsOf(first));
    const loaded = await reloaded(await trained(nameless(), 2));
    attach(loaded);
    await loaded.fit(x, classes, { ...fitting, epochs: 2 });
    expect(weightsOf(loaded)).toEqual(weightsOf(first));
    // The layers are told apart all the same.
    const masks = masksOf(nameless());
    expect(masks[0]).not.toEqual(masks[1]);
  });

  it('case 39: converted tf.layers.dropout draws so too, whatever TF.js calls it', async () => {
    const { x, classes } = examples();
    const ends = [];
    for (let i = 0; i < 2; i++) {
      const trained = nameless(tf.layers.dropout);
      expect(convertDropout(trained)).toHaveLength(2);
      expect(convertDropout(trained)).toEqual([]);
      compile(trained, { container, optimizer: { use: 'sam', rho: 0.1, base }, loss });
      await trained.fit(x, classes, fitting);
      ends.push(weightsOf(trained));
    }
    expect(ends[1]).toEqual(ends[0]);
    const same = nameless();
    compile(same, { container, optimizer: { use: 'sam', rho: 0.1, base }, loss });
    await same.fit(x, classes, fitting);
    expect(weightsOf(same)).toEqual(ends[0]);
    const kept = nameless(() => tf.layers.dropout({ rate: 0.5, noiseShape: [1, 8] }));
    expect(convertDropout(kept)).toEqual([]);
  });

  it('refuses a rate that is none', () => {
    expect(() => dropoutLayer({ rate: 1 })).toThrow(/rate is 1/);
  });
});
