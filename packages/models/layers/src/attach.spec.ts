import { definePlugin, requireAccess, type SharpnessVariant, variantFactory } from '@flatmin/core/plugin';
import { sam } from '@flatmin/sam';
import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs';
import { z } from 'zod';
import { attach } from './attach.js';
import { batchLoss } from './batchLoss.js';
import { compile } from './compile.js';
import { classifier, examples, growth, normalizing, twoHeaded, weightsOf } from './models.fixture.js';

const base = { use: 'sgd', learningRate: 0.1 };
const compiled = { loss: 'categoricalCrossentropy', metrics: ['accuracy', 'mse'] };

describe('attach', () => {
  it('mends a model compiled by itself: one value per metric, nothing left behind', async () => {
    const { x, classes } = examples();
    const model = classifier();
    model.compile({ optimizer: sam({ rho: 0.5, base }), ...compiled });
    const run = (): Promise<unknown> => model.trainOnBatch(x, classes);
    // What it is for. If this fails, TF.js changed and the hook may not be needed any more.
    expect(await run()).toHaveLength(5);
    attach(model);
    expect(await run()).toHaveLength(3);
    expect(await growth(3, async () => void (await run()))).toEqual([0, 0, 0]);
  });

  it('holds after another model.compile, which gives a tf.Sequential a new inner model', async () => {
    const { x, classes } = examples();
    const model = classifier();
    const optimizer = compile(model, { optimizer: sam({ rho: 0.5, base }), ...compiled });
    model.compile({ optimizer, ...compiled });
    expect(await model.trainOnBatch(x, classes)).toHaveLength(3);
  });

  it('gives the metrics back when an extra pass throws', async () => {
    const { x, classes } = examples();
    const model = classifier();
    let calls = 0;
    const failing = (t: tf.Tensor, p: tf.Tensor): tf.Tensor => {
      if (++calls === 2) throw new Error('out of luck');
      return tf.metrics.meanSquaredError(t, p);
    };
    compile(model, { ...compiled, optimizer: sam({ rho: 0.5, base }), loss: failing });
    const before = weightsOf(model);
    await expect(model.trainOnBatch(x, classes)).rejects.toThrow('out of luck');
    expect(weightsOf(model)).toEqual(before);
    expect(await model.trainOnBatch(x, classes)).toHaveLength(3);
  });

  it('refuses a model without an optimizer of ours', () => {
    const model = classifier();
    expect(() => attach(model)).toThrow(/is not compiled\. Compile it with an optimizer of flatmin's/);
    model.compile({ optimizer: 'adam', ...compiled });
    expect(() => attach(model)).toThrow(/has the optimizer Adam/);
  });
});

describe('a stateful recurrent layer', () => {
  const build = (): tf.Sequential => {
    const seeded = tf.initializers.glorotUniform({ seed: 9 });
    const shared = { kernelInitializer: seeded, recurrentInitializer: seeded };
    return tf.sequential({
      layers: [
        tf.layers.gru({ units: 3, stateful: true, batchInputShape: [2, 2, 1], ...shared }),
        tf.layers.dense({ units: 1, kernelInitializer: seeded }),
      ],
    });
  };
  const data = () =>
    [[0, 1, 2].map((k) => tf.tensor3d([k, 0.5, -1, 0.1 * k], [2, 2, 1])), tf.tensor2d([[1], [-1]])] as const;

  it('walks its sequence once per step, and both passes see the same part of it', async () => {
    const [ours, plain, steep] = [build(), build(), build()];
    compile(ours, { optimizer: sam({ rho: 0, base }), loss: 'meanSquaredError' });
    compile(steep, { optimizer: sam({ rho: 0.5, base }), loss: 'meanSquaredError' });
    plain.compile({ optimizer: tf.train.sgd(0.1), loss: 'meanSquaredError' });
    const walk = async (model: tf.LayersModel): Promise<void> => {
      const [batches, y] = data();
      for (const x of batches) await model.trainOnBatch(x, y);
      tf.dispose([...batches, y]);
    };
    const states = (model: tf.LayersModel): number[] => [
      ...(model.layers[0] as unknown as { states_: tf.Tensor[] }).states_[0]!.dataSync(),
    ];
    for (const model of [ours, plain]) await walk(model);
    expect(states(ours)).toEqual(states(plain));
    expect(weightsOf(ours)).toEqual(weightsOf(plain));
    await walk(steep);
    expect(await growth(2, () => walk(steep))).toEqual(await growth(2, () => walk(plain)));
    for (const model of [steep, plain]) model.resetStates();
    expect(await growth(1, () => walk(steep))).toEqual(await growth(1, () => walk(plain)));
  });
});

describe('a variant that takes the batch apart', () => {
  const parts = () => sam({ rho: 0.3, microBatches: 2, base });

  it.each([
    ['without metrics', undefined],
    ['with metrics', ['accuracy', 'mse']],
  ])('trains in fit as on batchLoss, %s', async (_, metrics) => {
    const [x, y] = [tf.tensor2d([1, 2, 3, 6], [4, 1]), tf.tensor2d([0, 1, 0, 1], [4, 1])];
    const [fitting, alone, plain] = [normalizing(), normalizing(), normalizing()];
    compile(fitting, { optimizer: parts(), loss: 'meanSquaredError', metrics });
    plain.compile({ optimizer: tf.train.sgd(0.1), loss: 'meanSquaredError', ...(metrics && { metrics }) });
    const reported = [await fitting.trainOnBatch(x, y), await plain.trainOnBatch(x, y)].map((values) =>
      [values].flat(),
    );
    expect(reported[0]).toHaveLength(metrics === undefined ? 1 : 3);
    expect(reported[0]!.slice(1)).toEqual(reported[1]!.slice(1)); // The loss is the mean of the parts' losses.
    parts().minimize(batchLoss(alone, x, y, { loss: 'meanSquaredError' }));
    expect(weightsOf(fitting)).toEqual(weightsOf(alone));
    expect(await growth(3, async () => void (await fitting.trainOnBatch(x, y)))).toEqual([0, 0, 0]);
  });

  it('reports each output and metric once', async () => {
    const { x, right, classes, values } = examples();
    const model = twoHeaded();
    const loss = ['categoricalCrossentropy', 'meanSquaredError'];
    compile(model, { optimizer: parts(), loss, metrics: { classes: 'accuracy' } });
    expect(await model.trainOnBatch([x, right], [classes, values])).toHaveLength(4);
  });

  it('keeps class weights in the parts', async () => {
    const { x, classes } = examples();
    const [weighted, plain] = [classifier(), classifier()];
    for (const model of [weighted, plain]) compile(model, { optimizer: parts(), ...compiled });
    const options = { batchSize: 6, epochs: 1, shuffle: false, verbose: 0 } as const;
    const [loss] = (await weighted.fit(x, classes, { ...options, classWeight: { 0: 2, 1: 2, 2: 2 } })).history.loss!;
    const [half] = (await plain.fit(x, classes, options)).history.loss!;
    expect(loss).toBeCloseTo(2 * (half as number), 5);
  });

  it('sees losses by example, and evaluates only some of them', async () => {
    const { x, classes } = examples();
    const model = classifier();
    const seen: number[][] = [];
    /** The idea of ESAM: the second pass on the worst examples alone. */
    const worstSome = variantFactory(
      definePlugin({
        kind: 'variant',
        id: 'worst-some',
        apiVersion: 1,
        options: z.strictObject({ worst: z.number().int().default(2) }),
        create: ({ worst }): SharpnessVariant<object> => ({
          id: 'worst-some',
          radius: 'none',
          initialState: () => ({}),
          estimate: (step) => {
            const { loss } = step.evaluate();
            const losses = [...step.evaluatePerExample().dataSync()];
            const order = losses.map((_, i) => i).sort((i, j) => losses[j]! - losses[i]!);
            const some = requireAccess(step.loss, 'subset', 'worst-some')(order.slice(0, worst));
            seen.push(losses);
            return { loss, gradient: step.evaluate({ loss: some }).gradient, state: step.state };
          },
        }),
      }),
    );
    const expected = batchLoss(model, x, classes, { loss: compiled.loss }).perExample();
    compile(model, { ...compiled, optimizer: worstSome({ base }) });
    expect(await model.trainOnBatch(x, classes)).toHaveLength(3);
    expect(seen).toEqual([[...expected.dataSync()]]);
    expect(await growth(2, async () => void (await model.trainOnBatch(x, classes)))).toEqual([0, 0]);
  });
});
