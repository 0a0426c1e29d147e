import { checkPlugin, type DataPart } from '@flatmin/core/plugin';
import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { reference } from './reference.fixture.js';
import plugin, { mnist1d, mnist1dPlugin } from './index.js';

/** A whole part, in its own order: the values of all rows, and their labels. */
async function allOf(part: DataPart) {
  for await (const { x, y } of part.batches({ batchSize: part.size })) {
    const found = { shapes: [x.shape, y.shape], values: [...x.dataSync()], labels: [...y.dataSync()] };
    tf.dispose([x, y]);
    return found;
  }
  throw new Error('the part is empty');
}
async function wrong(noisy: DataPart, clean: DataPart): Promise<number> {
  const [there, here] = [await allOf(noisy), await allOf(clean)];
  return there.labels.filter((label, i) => label !== here.labels[i]).length;
}

describe('mnist1d', () => {
  it('has the official split, a tenth of the training rows held out', () => {
    const data = mnist1d();
    expect([data.id, data.inputShape, data.classes]).toEqual(['mnist1d', [40], 10]);
    expect([data.train.size, data.validation.size, data.test.size]).toEqual([3600, 400, 1000]);
  });

  it('has the published test rows, in their order, as float32', async () => {
    const { shapes, values, labels } = await allOf(mnist1d({ labelNoise: { rate: 0.4 } }).test);
    expect(shapes).toEqual([[1000, 40], [1000]]);
    const rows = reference.rows.filter(({ index }) => index >= 4000);
    expect(rows.length).toBeGreaterThan(0);
    for (const { index, label, values: expected } of rows) {
      expect(labels[index - 4000]).toBe(label);
      expected.forEach((value, i) =>
        expect(Math.abs((values[(index - 4000) * 40 + i] as number) - value)).toBeLessThan(1e-6),
      );
    }
  });

  it('has exactly the asked label noise in train and in validation', async () => {
    const clean = mnist1d({ seed: 5 });
    const noisy = mnist1d({ seed: 5, labelNoise: { kind: 'pair-flip', rate: 0.25 } });
    expect(await wrong(noisy.train, clean.train)).toBe(900);
    expect(await wrong(noisy.validation, clean.validation)).toBe(100);
    expect(await wrong(noisy.test, clean.test)).toBe(0);
  });

  it('splits by seed', async () => {
    const validation = async (seed: number) => allOf(mnist1d({ seed }).validation);
    expect(await validation(1)).toEqual(await validation(1));
    expect(await validation(1)).not.toEqual(await validation(2));
  });
});

describe('mnist1dPlugin', () => {
  it('is a plugin, and the default export', () => {
    expect(() => checkPlugin(mnist1dPlugin)).not.toThrow();
    expect(plugin).toBe(mnist1dPlugin);
  });

  it('creates the data set of its checked options', async () => {
    const options = mnist1dPlugin.options.parse({ validation: 0.25, labelNoise: { rate: 0.4 } });
    const data = await mnist1dPlugin.create(options, undefined);
    expect([data.train.size, data.validation.size]).toEqual([3000, 1000]);
  });

  it('refuses unknown options', () => expect(mnist1dPlugin.options.safeParse({ trainSize: 10 }).success).toBe(false));
});
