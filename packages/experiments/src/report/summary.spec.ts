import { describe, expect, it } from '@jest/globals';
import type { RunRecord } from '../run/runRecord.js';
import { leftOut, spreadOf, summarize } from './summary.js';
import { textTable } from './table.js';

function run(method: string, seed: number, accuracies: readonly number[], radii: readonly number[] = []): RunRecord {
  return {
    method,
    seed,
    history: accuracies.map((accuracy, i) => ({
      epoch: i + 1,
      step: 10 * (i + 1),
      learningRate: 0.1,
      loss: 1,
      radius: null,
      gradientEvaluations: 20,
      test: { loss: 1, accuracy },
    })),
    radii: radii.map((radius, i) => ({ step: i, radius })),
    radiiEvery: 1,
    learnsRadius: method.startsWith('LETS'),
    steps: 10,
    gradientEvaluations: 1234,
    seconds: 2 + seed,
    stopped: false,
  };
}

const runs = [
  run('SGD', 0, [0.9, 0.5]),
  run('SGD', 1, [0.9, 0.6]),
  run('SGD', 2, [0.9, 0.7]),
  run('LETS', 0, [0.8], [0.02, 0.1]),
  run('LETS', 1, [0.8], [0.02, 0.3]),
];

describe('spreadOf', () => {
  it('has the standard error of the mean', () => {
    // Deviations -1, 0, 1: variance 2 / (3 - 1) = 1, error sqrt(1 / 3).
    expect(spreadOf([1, 2, 3])).toEqual({ mean: 2, error: Math.sqrt(1 / 3), least: 1, greatest: 3 });
  });

  it('has none for one value', () => expect(spreadOf([5])).toEqual({ mean: 5, least: 5, greatest: 5 }));
});

describe('summarize', () => {
  it('takes the accuracy after the last epoch, not the best', () => {
    const [sgd] = summarize(runs);
    expect(sgd?.result.mean).toBeCloseTo(0.6, 12);
    expect(sgd?.result.error).toBeCloseTo(0.1 / Math.sqrt(3), 12);
    expect(sgd).toMatchObject({ method: 'SGD', seeds: 3, seconds: 3, gradientEvaluations: 1234 });
    expect(sgd?.radius).toBeUndefined();
  });

  it('takes the scores of the data set after the last epoch, and shows those that are not the result', () => {
    const judged = (seed: number, ...f1: number[]): RunRecord => {
      const { history, ...rest } = run('SGD', seed, f1);
      return { ...rest, history: history.map((epoch, i) => ({ ...epoch, test: { loss: 1, accuracy: 0.75, scores: { f1: f1[i] as number, accuracy: 0.75 } } })) }; // prettier-ignore
    };
    const summaries = summarize([judged(0, 0.9, 0.4), judged(1, 0.9, 0.6)]);
    expect(summaries[0]?.scores['f1']).toMatchObject({ mean: 0.5, least: 0.4, greatest: 0.6 });
    expect(summarize(runs)[0]?.scores).toEqual({});
    // Deviations of 0.1 to each side: variance 0.02, error sqrt(0.02 / 2) = 0.1.
    expect(textTable(summaries).split('\n')[0]).toMatch(/^method +test accuracy +test f1 +final rho/);
    expect(textTable(summaries).split('\n')[2]).toMatch(/^SGD +0\.750 ± 0\.000 +0\.500 ± 0\.100 +- +1,234/);
  });

  it('takes the last rho of each seed', () => {
    expect(summarize(runs)[1]?.radius).toMatchObject({ mean: 0.2, least: 0.1, greatest: 0.3 });
  });
});

describe('case 16: runs that are in no average', () => {
  const why = (given: readonly RunRecord[]): string[] => leftOut(given).map(({ text }) => text);
  const diverged = { ...run('SGD', 3, [0.9]), failure: 'the loss of step 12 is NaN' };

  it('one that diverged is told, and the others alone are the mean', () => {
    const [sgd] = summarize([...runs.slice(0, 3), diverged]);
    expect(sgd).toMatchObject({ seeds: 3, leftOut: 1, seconds: 3 });
    expect(sgd?.result.mean).toBeCloseTo(0.6, 12);
    expect(why([diverged])).toEqual(['SGD, seed 3, is in no average: it diverged: the loss of step 12 is NaN.']);
  });

  it('nor is one whose result is not a number, or that was never judged, or that was interrupted where others have ended', () => {
    const noNumber = run('SGD', 4, [0.9, NaN]);
    const unjudged = { ...run('SGD', 5, []), stopped: true };
    const stopped = { ...run('SGD', 6, [0.1]), stopped: true };
    const given = [...runs.slice(0, 3), noNumber, unjudged, stopped];
    expect(summarize(given)[0]).toMatchObject({ seeds: 3, leftOut: 3 });
    expect(summarize(given)[0]?.result.mean).toBeCloseTo(0.6, 12);
    expect(why(given)).toEqual([
      'SGD, seed 4, is in no average: it ended with a test accuracy of NaN.',
      'SGD, seed 5, is in no average: it was interrupted at step 10.',
      'SGD, seed 6, is in no average: it was interrupted at step 10.',
    ]);
    // Where none has ended, what there is is shown.
    expect(summarize([stopped])[0]).toMatchObject({ seeds: 1, leftOut: 0 });
    expect(why([unjudged])).toEqual(['SGD, seed 5, is in no average: it was not judged on the test part.']);
  });

  it('a method without any other has an empty row', () => {
    expect(
      textTable(summarize([diverged, ...runs.slice(3)]))
        .split('\n')
        .slice(2),
    ).toEqual([
      'SGD (0 of 1 runs)               -                     -                      -               -',
      'LETS                0.800 ± 0.000   0.20 (0.10 to 0.30)                  1,234             2.5',
    ]);
  });
});

describe('textTable', () => {
  it('has a line a method, in columns', () => {
    expect(textTable(summarize(runs)).split('\n')).toEqual([
      'method   test accuracy             final rho   gradient evaluations   seconds a run',
      '-'.repeat(83),
      'SGD      0.600 ± 0.058                     -                  1,234             3.0',
      'LETS     0.800 ± 0.000   0.20 (0.10 to 0.30)                  1,234             2.5',
    ]);
  });
});
