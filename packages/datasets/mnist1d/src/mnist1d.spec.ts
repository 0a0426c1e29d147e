import { checkPlugin } from '@flatmin/core';
import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { reference } from './reference.fixture.js';
import plugin, { mnist1d, mnist1dPlugin } from './index.js';

const wrong = (noisy: Int32Array, clean: Int32Array): number => noisy.filter((label, i) => label !== clean[i]).length;

describe('mnist1d', () => {
  it('has the official split, a tenth of the training rows held out', () => {
    const data = mnist1d();
    expect([data.id, data.inputShape, data.classes]).toEqual(['mnist1d', [40], 10]);
    expect([data.train.size, data.validation.size, data.test.size]).toEqual([3600, 400, 1000]);
  });

  it('has the published test rows, in their order, as float32', () => {
    const { x, y } = mnist1d({ labelNoise: { rate: 0.4 } }).test.all();
    const [values, labels] = [x.dataSync(), y.dataSync()];
    expect([x.shape, y.shape]).toEqual([[1000, 40], [1000]]);
    const rows = reference.rows.filter(({ index }) => index >= 4000);
    expect(rows.length).toBeGreaterThan(0);
    for (const { index, label, values: expected } of rows) {
      expect(labels[index - 4000]).toBe(label);
      expected.forEach((value, i) =>
        expect(Math.abs((values[(index - 4000) * 40 + i] as number) - value)).toBeLessThan(1e-6),
      );
    }
    tf.dispose([x, y]);
  });

  it('has exactly the asked label noise in train and in validation', () => {
    const clean = mnist1d({ seed: 5 });
    const noisy = mnist1d({ seed: 5, labelNoise: { kind: 'pair-flip', rate: 0.25 } });
    expect(wrong(noisy.train.table.labels, clean.train.table.labels)).toBe(900);
    expect(wrong(noisy.validation.table.labels, clean.validation.table.labels)).toBe(100);
    expect(noisy.test.table.labels).toEqual(clean.test.table.labels);
  });

  it('splits by seed', () => {
    expect(mnist1d({ seed: 1 }).validation.table).toEqual(mnist1d({ seed: 1 }).validation.table);
    expect(mnist1d({ seed: 1 }).validation.table).not.toEqual(mnist1d({ seed: 2 }).validation.table);
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
