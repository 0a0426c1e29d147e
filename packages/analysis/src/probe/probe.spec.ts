import { train } from '@flatmin/training';
import { describe, expect, it, jest } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { hessian, modelSurface, oneStepSharpness, probe, topEigenvalues } from '../index.js';
import { tinyDataSet, tinyModel, tinyOptimizer } from '../../../training/src/loop/tinyRun.fixture.js';
import { reference, referenceSurface } from '../reference.fixture.js';

type Values = Readonly<Record<string, number>>;

/** Three epochs of five steps. */
async function run(isProbed: boolean, measures?: readonly ('eigenvalue' | 'trace' | 'sharpness' | 'average')[]) {
  const [dataset, model, optimizer] = [tinyDataSet(), tinyModel(), tinyOptimizer()];
  const surface = await modelSurface(model, dataset);
  const told: { step: number; epoch: number; values: Values }[] = [];
  const result = await train({
    ...{ dataset, model, optimizer, epochs: 3, batchSize: 8, seed: 3 },
    ...(isProbed && { probe: probe(surface, { everySteps: 5, measures, rho: 0.1 }) }),
    callbacks: [{ observesOnly: true, onProbe: (event) => void told.push({ ...event, values: event.values }) }],
  });
  await surface.reread();
  const operator = await hessian(surface);
  const direct = {
    eigenvalue: (await topEigenvalues(operator, { k: 1 })).eigenvalues[0] as number,
    sharpness: (await oneStepSharpness(surface, { rho: 0.1 })).sharpness,
  };
  const weights = model.variables.map((variable) => [...variable.dataSync()]);
  surface.dispose();
  optimizer.dispose();
  model.dispose();
  return { history: result.history, weights, told, direct };
}

describe('a probed run', () => {
  it('is the run without, to the last bit, and tells what it measured, with what it cost', async () => {
    const { numTensors } = tf.memory();
    const [plain, probed] = [await run(false), await run(true, ['eigenvalue', 'sharpness', 'trace', 'average'])];
    expect(probed.weights).toEqual(plain.weights);
    expect(probed.history).toEqual(plain.history);
    expect(plain.told).toEqual([]);
    expect(probed.told.map(({ step, epoch }) => [step, epoch])).toEqual([[5, 1], [10, 2], [15, 3]]); // prettier-ignore
    const last = probed.told.at(-1)?.values as Values;
    const { eigenvalue = NaN, sharpness, gradients = 0, values } = last;
    expect(Math.abs(eigenvalue / probed.direct.eigenvalue - 1)).toBeLessThan(0.02);
    expect(sharpness).toBeCloseTo(probed.direct.sharpness, 6);
    expect(Object.keys(last)).toEqual(['eigenvalue', 'eigenvalueError', 'sharpness', 'trace', 'traceError', 'average', 'averageError', 'gradients', 'values']); // prettier-ignore
    // 30 products of the trace, 1 gradient of SAM; a forward pass a product, 21 samples and a point.
    expect(gradients).toBeGreaterThan(61);
    expect(values).toBe((gradients - 1) / 2 + 22);
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  it('measures what is asked for, by default eigenvalue and sharpness', async () => {
    const { told } = await run(true);
    expect(Object.keys(told[0]?.values ?? {})).toEqual(['eigenvalue', 'eigenvalueError', 'sharpness', 'gradients', 'values']); // prettier-ignore
  });
});

it('where weights are not finite says so by NaN, and ends no run', async () => {
  const { surface, variables, dispose } = await referenceSurface();
  const { measure } = probe(surface, { everySteps: 1, measures: ['eigenvalue', 'worstCase'] });
  expect((await measure())['eigenvalue']).toBeCloseTo(reference.hessian.eigenvalues[0] as number, 2);
  variables[1]?.assign(tf.fill([5], NaN));
  const reread = jest.spyOn(surface, 'reread');
  expect(await measure()).toEqual({ eigenvalue: NaN, worstCase: NaN, gradients: 0, values: 0 });
  expect(reread).toHaveBeenCalledTimes(1);
  expect(() => probe(surface, { everySteps: 0 })).toThrow(/everySteps: is out of range/);
  expect(() => probe(surface, { everySteps: 1, measures: ['eigenvalues' as 'eigenvalue'] })).toThrow(
    /Did you mean "eigenvalue"/,
  );
  dispose();
});
