import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { RandomStream } from '@flatmin/core';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { officialContainer } from 'flatmin/node';
import { inspect } from './inspect.js';
import { exampleLines } from './preview.js';
import { runExperiment } from '@flatmin/experiments/internal';

const rows = 440;
const columns = 10;

let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'flatmin-regression-'));
  await writeFile(path.join(dir, 'patients.csv'), patients());
});
afterAll(() => rm(dir, { recursive: true }));

/** Like the diabetes data: ten columns, and a target from about 25 to 346 that they explain, but for noise of 20. */
function patients(): string {
  const x = new RandomStream(7).at('x').normals(rows * columns);
  const noise = new RandomStream(7).at('noise').normals(rows);
  const names = Array.from({ length: columns }, (_, k) => `s${k}`);
  const lines = Array.from({ length: rows }, (_, i) => {
    const values = [...x.subarray(i * columns, (i + 1) * columns)];
    const y = values.reduce((sum, value, k) => sum + value * (k - 4) * 7, 152) + 20 * (noise[i] as number);
    return [...values, Math.min(346, Math.max(25, y))].join(',');
  });
  return [[...names, 'y'].join(','), ...lines].join('\n');
}

const table = () => ({ use: 'text-table', dir, task: 'regression', label: 'y' });

async function trained(learningRate: number, more: object = {}) {
  const { history } = await runExperiment(
    {
      method: 'sam',
      seed: 0,
      dataset: { ...table(), ...more },
      model: { use: 'mlp', hidden: [32] },
      optimizer: { use: 'sam', rho: 0.05, base: { use: 'sgd', learningRate } },
      epochs: 8,
      batchSize: 32,
      validationBatchSize: 32,
      logEvery: 50,
      evaluate: { parts: ['test'], every: 8 },
      eager: true,
    },
    { container: officialContainer(), write: () => undefined },
  );
  return history.at(-1)?.test ?? { loss: NaN };
}

describe('case 21: a regression whose targets are large', () => {
  it.each([0.1, 0.01])('case 21: learns at learning rate %p, and reports in the unit of the data', async (rate) => {
    const { loss, rootMeanSquaredError = NaN, meanAbsoluteError = NaN, r2 } = await trained(rate);
    // The deviation of all targets is about 70, the noise 20.
    expect(rootMeanSquaredError).toBeGreaterThan(15);
    expect(rootMeanSquaredError).toBeLessThan(50);
    expect(meanAbsoluteError).toBeLessThan(rootMeanSquaredError);
    expect(meanAbsoluteError).toBeGreaterThan(10);
    expect(r2).toBeGreaterThan(0.6);
    expect(loss).toBeLessThan(0.5);
  });

  it('case 21: has no diverging learning rate of 0.001 either, and without standardizing it does as before', async () => {
    expect((await trained(0.001)).loss).toBeLessThan(1.5);
    const { loss, rootMeanSquaredError = NaN } = await trained(0.001, { standardizeTargets: false });
    expect(rootMeanSquaredError).toBeCloseTo(Math.sqrt(loss), 6);
  });

  it('case 21: is checked and shown in the unit of the data', async () => {
    const dataset = await officialContainer().createDataSet(table());
    const { targets } = (await inspect(dataset)).parts.train;
    expect(targets?.least).toBeCloseTo(25, 4);
    expect(targets?.greatest).toBeGreaterThan(330);
    // Standardized, 346 is about 2.8.
    const scale = 'targetScale' in dataset ? dataset.targetScale : undefined;
    const y = (346 - (scale?.mean ?? 0)) / (scale?.deviation ?? 1);
    expect(exampleLines(dataset, [{ x: [1], y: [y] }])).toEqual(['346\ts0=1']);
  });
});
