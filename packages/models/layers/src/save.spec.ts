import { createContainer, useContainer } from '@flatmin/core';
import { samPlugin } from '@flatmin/sam';
import { beforeAll, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs';
import { attach } from './attach.js';
import { compile } from './compile.js';
import { classifier, examples, normalizing, reloaded, twoHeaded, weightsOf } from './models.fixture.js';

const container = createContainer({ plugins: [samPlugin] });

describe('model.save and tf.loadLayersModel with the optimizer', () => {
  beforeAll(() => useContainer(container));

  it.each([
    ['momentum', { use: 'momentum', learningRate: 0.05, momentum: 0.9 }],
    ['adam', { use: 'adam', learningRate: 0.01 }],
  ])('training 2n steps is training n, saving, loading and training n: %s', async (_, base) => {
    const { x, right, classes, values } = examples();
    const optimizer = { use: 'sam', rho: 0.2, base };
    const args = { container, loss: ['categoricalCrossentropy', 'meanSquaredError'], metrics: { classes: 'accuracy' } };
    const fit = (model: tf.LayersModel, epochs: number): Promise<tf.History> =>
      model.fit([x, right], [classes, values], { epochs, batchSize: 2, shuffle: false, verbose: 0 });
    const [through, broken] = [twoHeaded(), twoHeaded()];
    compile(through, { optimizer, ...args });
    compile(broken, { optimizer, ...args });
    await fit(through, 4);
    await fit(broken, 2);
    const loaded = await reloaded(broken);
    attach(loaded);
    await fit(loaded, 2);
    expect(weightsOf(loaded)).toEqual(weightsOf(through));
    expect(weightsOf(loaded)).not.toEqual(weightsOf(broken));
  });

  it('reports as before once attached, also for a tf.Sequential', async () => {
    const { x, classes } = examples();
    const model = classifier();
    const optimizer = { use: 'sam', rho: 0.2, base: { use: 'sgd', learningRate: 0.1 } };
    compile(model, { container, optimizer, loss: 'categoricalCrossentropy', metrics: ['accuracy', 'mse'] });
    await model.trainOnBatch(x, classes);
    const loaded = await reloaded(model);
    expect(attach(loaded).radius).toBe(0.2);
    expect(await loaded.trainOnBatch(x, classes)).toEqual(await model.trainOnBatch(x, classes));
  });

  it('refuses to save a base that exists in code only, by name', async () => {
    const model = normalizing();
    const optimizer = container.createOptimizer({ use: 'sam', base: tf.train.sgd(0.1) });
    compile(model, { optimizer, loss: 'meanSquaredError' });
    await expect(reloaded(model)).rejects.toMatchObject({ code: 'BASE_NOT_SERIALIZABLE' });
  });
});
