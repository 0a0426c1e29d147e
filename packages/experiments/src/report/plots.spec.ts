import { describe, expect, it } from '@jest/globals';
import type { RunRecord } from '../run/runRecord.js';
import { resultPlot, logarithmicTicks, radiusPlot } from './plots.js';

function run(method: string, seed: number, accuracy: number, radii: readonly number[]): RunRecord {
  const figures = { step: 1, learningRate: 0.1, loss: 1, radius: null, gradientEvaluations: 2 };
  return {
    method,
    seed,
    history: [{ epoch: 1, ...figures, test: { loss: 1, accuracy } }],
    radii: radii.map((radius, i) => ({ step: i + 1, radius })),
    radiiEvery: 1,
    learnsRadius: method === 'LETS',
    steps: 1,
    gradientEvaluations: 2,
    seconds: 1,
    stopped: false,
  };
}

const runs = [
  run('SGD', 0, 0.4, []),
  run('SGD', 1, 0.6, []),
  run('LETS', 0, 0.5, [0.1, 0.2]),
  run('LETS', 1, 0.5, [0.1, 0]),
];
const valuesOf = (plot: unknown) => (plot as { data: { values: Record<string, unknown>[] } }).data.values;

describe('resultPlot', () => {
  it('has the mean and one standard error to each side', () => {
    const [sgd] = valuesOf(resultPlot(runs));
    expect(sgd).toMatchObject({ method: 'SGD', epoch: 1, result: 0.5 });
    // Deviations -0.1 and 0.1: variance 0.02, error sqrt(0.02 / 2) = 0.1.
    expect(sgd?.['low']).toBeCloseTo(0.4, 12);
    expect(sgd?.['high']).toBeCloseTo(0.6, 12);
  });
});

describe('radiusPlot', () => {
  it('has a line a run, without the zeros that a logarithm has no place for', () => {
    const values = valuesOf(radiusPlot(runs));
    expect(values.map(({ run, step, radius }) => [run, step, radius])).toEqual([
      ['LETS/0', 1, 0.1],
      ['LETS/0', 2, 0.2],
      ['LETS/1', 1, 0.1],
    ]);
  });

  it('is left out where nothing is perturbed', () => expect(radiusPlot(runs.slice(0, 2))).toBeUndefined());
});

describe('logarithmicTicks', () => {
  it('are 1, 2 and 5 times powers of ten within the values', () => {
    expect(logarithmicTicks([0.0012, 0.02, 0.3])).toEqual([0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2]);
    expect(logarithmicTicks([0.5, 0.5])).toEqual([0.5]);
    expect(logarithmicTicks([0.02, 1])).toEqual([0.02, 0.05, 0.1, 0.2, 0.5, 1]);
  });
});
