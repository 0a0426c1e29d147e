import { existsSync } from 'node:fs';
import type { Spec } from '@flatmin/core';
import { describe, expect, it } from '@jest/globals';
import { officialContainer } from 'flatmin/node';
import { runExperiment } from './runExperiment.js';

const letsSam = (learningRate: number): Spec => ({
  use: 'lets',
  preset: 'robust',
  inner: { use: 'sam', rho: 0.02, base: { use: 'momentum', learningRate, momentum: 0.9 } },
});

/** A short run: accuracy on test, and by how much LETS moved the radius. */
async function run(dataset: Spec, epochs: number, learningRate = 0.05) {
  const { history, radii, gradientEvaluations, steps } = await runExperiment(
    {
      method: 'lets',
      seed: 0,
      dataset,
      model: { use: 'mlp', hidden: [32] },
      optimizer: letsSam(learningRate),
      epochs,
      batchSize: 32,
      validationBatchSize: 32,
      logEvery: 50,
      evaluate: { parts: ['test'] },
    },
    { container: officialContainer(), write: () => undefined },
  );
  // Two of SAM, and the held-out one of LETS.
  expect(gradientEvaluations).toBe(3 * steps);
  expect(radii.some(({ radius }) => Math.abs(radius - 0.02) > 1e-4)).toBe(true);
  return history.at(-1)?.test?.accuracy ?? 0;
}

const fashion = existsSync('/usr/share/datasets/fashion-mnist');
const withFashion = fashion ? it : it.skip;
describe('LETS-SAM trains an MLP', () => {
  it('on digits with 40 % wrong labels', async () => {
    expect(await run({ use: 'digits', labelNoise: { rate: 0.4 } }, 6)).toBeGreaterThan(0.7);
  });

  it('on sentences of the Brown corpus as bags of words', async () => {
    // The more frequent class has 0.64 of the test sentences.
    const dataset = { use: 'brown', train: 2000, test: 1000, vocabularySize: 1000 };
    expect(await run(dataset, 6)).toBeGreaterThan(0.7);
  });

  withFashion(`on Fashion-MNIST${fashion ? '' : ' (skipped: install the package dataset-fashion-mnist)'}`, async () => {
    expect(await run({ use: 'idx', set: 'fashion-mnist', train: 1000, test: 500 }, 3, 0.01)).toBeGreaterThan(0.65);
  });
});
