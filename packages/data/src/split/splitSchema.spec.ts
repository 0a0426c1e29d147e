import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { officialDataSet, splitSchema } from '../index.js';
import { numberedTable } from '../source/numberedTable.fixture.js';

const schema = z.strictObject(splitSchema);
const [train, test] = [numberedTable(100, 10), numberedTable(20, 10)];
const wrong = (part: { table: { features: Float32Array; labels: Int32Array } }): number =>
  part.table.labels.filter((label, i) => label !== (part.table.features[i] as number) % 10).length;

describe('officialDataSet', () => {
  it('holds a tenth out of the training rows, without noise, where nothing is asked', () => {
    const data = officialDataSet('numbers', train, test);
    expect([data.train.size, data.validation.size, data.test.size]).toEqual([90, 10, 20]);
    expect([data.train, data.validation, data.test].map(wrong)).toEqual([0, 0, 0]);
  });

  it('puts noise of the exact rate in train and validation only', () => {
    const data = officialDataSet('numbers', train, test, { validation: 0.2, labelNoise: { rate: 0.3 } });
    expect([data.train, data.validation, data.test].map(wrong)).toEqual([24, 6, 0]);
  });

  it("draws the noise by its own seed, else by the data set's; the split stays", () => {
    const labels = (seed: number, noiseSeed?: number) =>
      officialDataSet('numbers', train, test, {
        seed,
        labelNoise: { rate: 0.5, ...(noiseSeed === undefined ? {} : { seed: noiseSeed }) },
      }).train.table;
    expect(labels(1)).toEqual(labels(1, 1));
    expect(labels(1, 2).features).toEqual(labels(1).features);
    expect(labels(1, 2).labels).not.toEqual(labels(1).labels);
  });

  it('gives from code what the checked options give', () => {
    const given = { labelNoise: { rate: 0.4 } };
    expect(officialDataSet('numbers', train, test, schema.parse(given)).train.table).toEqual(
      officialDataSet('numbers', train, test, given).train.table,
    );
  });
});

describe('splitSchema', () => {
  it('fills in the documented defaults', () => {
    expect(schema.parse({ labelNoise: { rate: 0.4 } })).toEqual({
      validation: 0.1,
      seed: 0,
      labelNoise: { kind: 'symmetric', rate: 0.4 },
    });
  });

  it.each([
    { validation: 1 },
    { validation: -0.1 },
    { seed: 0.5 },
    { labelNoise: {} },
    { labelNoise: { rate: 1.5 } },
    { labelNoise: { rate: 0.1, kind: 'uniform' } },
    { labelNois: { rate: 0.1 } },
  ])('refuses %p', (options) => {
    expect(schema.safeParse(options).success).toBe(false);
  });
});
