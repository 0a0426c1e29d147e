import { createContainer, useContainer } from '@flatmin/core';
import { lets, letsPlugin, validationBatches } from '@flatmin/lets';
import { sam, samPlugin } from '@flatmin/sam';
import { beforeAll, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs';
import { attach } from './attach.js';
import { modelLoss } from './batchLoss.js';
import { compile } from './compile.js';
import { classifier, examples, growth, normalizing, reloaded, weightsOf } from './models.fixture.js';

const base = { use: 'sgd', learningRate: 0.1 };
const container = createContainer({ plugins: [samPlugin, letsPlugin] });
const compiled = { loss: 'categoricalCrossentropy', metrics: ['accuracy', 'mse'] };

describe('LETS on a layers model', () => {
  beforeAll(() => useContainer(container));

  it.each([
    ['a code-made optimizer', () => ({ optimizer: lets(sam({ rho: 0.1, base })) })],
    ['a spec', () => ({ container, optimizer: { use: 'lets', inner: { use: 'sam', rho: 0.1, base } } })],
  ])('learns the radius from validationData: %s', async (_, optimizer) => {
    const { x, classes } = examples();
    const model = classifier();
    // Not the training batch: the gap to itself is 0 and says nothing about rho.
    const made = compile(model, { ...compiled, ...optimizer(), validationData: [tf.mul(x, 2), classes] });
    const run = (): Promise<unknown> => model.trainOnBatch(x, classes);
    expect(made.radius).toBe(0.1);
    expect(await run()).toHaveLength(3);
    expect(Math.abs(made.radius - 0.1)).toBeGreaterThan(1e-4);
    expect(await growth(3, async () => void (await run()))).toEqual([0, 0, 0]);
  });

  it('learns from batches, and held-out passes move no statistics', async () => {
    const [x, y] = [tf.tensor2d([1, 2, 3, 6], [4, 1]), tf.tensor2d([0, 1, 0, 1], [4, 1])];
    const model = normalizing();
    const loss = 'meanSquaredError';
    const validationLoss = validationBatches({ x: tf.mul(x, 100), y, batchSize: 2 }, modelLoss(model, { loss }));
    compile(model, { optimizer: lets(sam({ rho: 0.1, base })), loss, validationLoss });
    await model.trainOnBatch(x, y);
    expect(validationLoss.position).toBeGreaterThan(0);
    expect(weightsOf(model).at(-2)![0]).toBeCloseTo(0.3, 6); // As compile.spec.ts works out for the training batch.
  });

  it('goes on after loading, once it is given its held-out data again', async () => {
    const { x, classes } = examples();
    const model = classifier();
    const validationData = [tf.mul(x, 2), classes] as const;
    const spec = { use: 'lets', inner: { use: 'sam', rho: 0.1, base } };
    const made = compile(model, { ...compiled, container, optimizer: spec, validationData });
    await model.trainOnBatch(x, classes);
    const loaded = await reloaded(model);
    const resumed = attach(loaded, undefined, { validationData });
    for (const each of [model, loaded]) await each.trainOnBatch(x, classes);
    expect(weightsOf(loaded)).toEqual(weightsOf(model));
    expect(resumed.radius).toBe(made.radius);
  });
});
