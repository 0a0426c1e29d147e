import { describe, expect, it } from '@jest/globals';
import { compared } from './comparison.js';
import { config, record } from './results.fixture.js';
import { leftOutTexts } from './rows.js';
import { runsAsGrid } from './runsAsGrid.js';

const runs = [0.5, 0.6, 0.7].map((accuracy, seed) => record('SGD', seed, [{ accuracy: 0.9 }, { accuracy }]));
const rowOf = (given: Parameters<typeof runsAsGrid>[0], count: number) => {
  const seeds = Array.from({ length: count }, (_, seed) => seed);
  return compared(runsAsGrid(given, config, seeds)).tasks[0]?.rows[0];
};
const why = (row: ReturnType<typeof rowOf>): readonly string[] => (row ? leftOutTexts([row]) : []);

describe('case 16: runs that are in no average', () => {
  it('one that diverged is told, and the others alone are the mean', () => {
    const row = rowOf([...runs, record('SGD', 3, [{ accuracy: 0.1 }], { failure: 'the loss of step 12 is NaN' })], 4);
    expect(row?.result).toMatchObject({ count: 3 });
    expect(row?.result?.mean).toBeCloseTo(0.6, 12);
    expect(why(row)).toEqual(['SGD, seed 3, is left out of the averages: it diverged: the loss of step 12 is NaN.']);
  });

  it('nor is one whose result is no number, that was interrupted where others have ended, or that has not begun', () => {
    const noNumber = record('SGD', 3, [{ accuracy: 0.9 }, { accuracy: NaN }]);
    const stopped = record('SGD', 4, [{ accuracy: 0.1 }], { stopped: true });
    const row = rowOf([...runs, noNumber, stopped], 6);
    expect(row?.result?.mean).toBeCloseTo(0.6, 12);
    expect(why(row)).toEqual([
      'SGD, seed 3, is left out of the averages: it ended with a test accuracy of NaN.',
      'SGD, seed 4, is left out of the averages: it was interrupted at step 10.',
      'SGD, seed 5, is left out of the averages: it has not begun.',
    ]);
  });

  it('where none has ended, what there is is shown', () => {
    const row = rowOf([record('SGD', 0, [{ accuracy: 0.1 }], { stopped: true })], 1);
    expect(row).toMatchObject({ seeds: [{ seed: 0, result: 0.1 }], leftOut: [] });
  });
});
