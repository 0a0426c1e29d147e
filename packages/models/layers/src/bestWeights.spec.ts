import { createContainer, type Spec } from '@flatmin/core';
import { samPlugin } from '@flatmin/sam';
import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs';
import { bestWeights, type BestWeightsOptions } from './bestWeights.js';
import { compile } from './compile.js';
import { classifier, examples, weightsOf } from './models.fixture.js';

const container = createContainer({ plugins: [samPlugin] });
const { x, classes } = examples();
/** Labels that training moves away from: the first epochs are the best ones. */
const held = tf.oneHot(tf.tensor1d([1, 0, 1, 2, 2, 0], 'int32'), 3).toFloat();
const base = { use: 'momentum', learningRate: 0.5, momentum: 0.9 };

async function fitted(options?: BestWeightsOptions, more: object = {}) {
  const model = classifier();
  const optimizer = { use: 'sam', rho: 0.1, ...more, base } as Spec;
  compile(model, { optimizer, container, loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  const settings = { epochs: 12, batchSize: 3, shuffle: false, verbose: 0, validationData: [x, held] } as const;
  const callbacks = options && [bestWeights(model, options)];
  const { history } = await model.fit(x, classes, {
    ...settings,
    validationData: [x, held],
    ...(callbacks && { callbacks }),
  });
  const [loss, accuracy] = model.evaluate(x, held) as tf.Scalar[];
  const found = { loss: loss?.dataSync()[0] as number, accuracy: accuracy?.dataSync()[0] as number };
  const losses = history['val_loss'] as number[];
  const weights = weightsOf(model);
  tf.dispose([loss, accuracy] as tf.Tensor[]);
  model.dispose();
  return { ...found, losses, accuracies: history['val_acc'] as number[], weights };
}

describe('bestWeights', () => {
  it.each([
    ['the weights', {}],
    ['their average', { average: { use: 'ema', decay: 0.7 } }],
  ])('leaves %s of the best epoch, and fit as it is', async (_, more) => {
    const { loss, losses } = await fitted({}, more);
    const plain = await fitted(undefined, more);
    expect(losses).toEqual(plain.losses);
    const best = Math.min(...losses);
    expect(losses.at(-1)).toBeGreaterThan(best + 0.1);
    expect(loss).toBeCloseTo(best, 5);
    expect(plain.loss).toBeCloseTo(losses.at(-1) as number, 5);
  });

  it('takes the largest of what should be large, and what it is told', async () => {
    const { accuracy, accuracies } = await fitted({ monitor: 'val_acc' });
    expect(accuracy).toBeCloseTo(Math.max(...accuracies), 6);
    const { loss, losses } = await fitted({ monitor: 'val_loss', mode: 'max' });
    expect(loss).toBeCloseTo(Math.max(...losses), 5);
  });

  it('names what the logs have where they lack what it watches', async () => {
    await expect(fitted({ monitor: 'val_f1' })).rejects.toMatchObject({
      code: 'RUN_INVALID',
      message:
        'bestWeights watches "val_f1", and the logs of fit have val_loss, val_acc, loss, acc. Give one of them as monitor, or ' +
        'fit with validationData.',
    });
  });

  it('keeps no tensor', async () => {
    await fitted({});
    const before = tf.memory().numTensors;
    await fitted({});
    expect(tf.memory().numTensors).toBe(before);
  });
});
