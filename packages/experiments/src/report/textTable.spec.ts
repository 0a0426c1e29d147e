import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { compared } from '../statistics/comparison.js';
import { gridResults, record } from '../statistics/results.fixture.js';
import { runsAsGrid } from '../statistics/runsAsGrid.js';
import { config } from '../statistics/results.fixture.js';
import { studies } from './studies.fixture.js';
import { shortened, textTables, wrapped } from './textTable.js';

const tableOf = (results: Parameters<typeof compared>[0], width?: number): string[] =>
  textTables(compared(results), width).split('\n');

describe('textTables', () => {
  const learned = (seed: number, ...radii: number[]) =>
    record('LETS', seed, [{ accuracy: 0.8 }], {
      radii: radii.map((radius, step) => ({ step, radius })),
      learnsRadius: true,
    });
  const runs = [
    record('SGD', 0, [{ accuracy: 0.9 }, { accuracy: 0.5 }]),
    record('SGD', 1, [{ accuracy: 0.9 }, { accuracy: 0.6 }]),
    record('SGD', 2, [{ accuracy: 0.9 }, { accuracy: 0.7 }]),
    learned(0, 0.02, 0.1),
    learned(1, 0.02, 0.3),
  ];

  it('of one method has the mean of the last epochs, its standard error, and the cost', () => {
    // Deviations of 0.1, 0 and 0.1: variance 0.01, error sqrt(0.01 / 3) = 0.058.
    expect(tableOf(runsAsGrid(runs.slice(0, 3), config, [0, 1, 2]))).toEqual([
      'method  test accuracy  final rho  gradients  seconds',
      '----------------------------------------------------',
      'SGD     0.600 ± 0.058          -         40      2.0',
      '',
      '±: standard error of the mean over the seeds.',
    ]);
  });

  it('of several has the paired difference to the first, and says which seeds are missing', () => {
    expect(tableOf(runsAsGrid(runs, config, [0, 1, 2])).slice(0, 4)).toEqual([
      'method              test accuracy     difference, points     p  final rho  cost',
      '-------------------------------------------------------------------------------',
      'SGD                 0.600 ± 0.058              reference     -          -    x1',
      // Differences 0.3 and 0.2: mean 0.25, error 0.05, t(0.975; 1) = 12.706; of two pairs p is 2 / 2^2.
      'LETS (2 of 3 runs)  0.800 ± 0.000  +25.0 (-38.5 to 88.5)  0.50       0.20  x0.5',
    ]);
  });

  it('has the last rho of the seeds, and their range where there is room', () => {
    expect(tableOf(runsAsGrid(runs.slice(3), config, [0, 1]))[2]).toMatch(
      /^LETS +0\.800 ± 0\.000 +0\.20 \(0\.10 to 0\.30\) +20 +2\.0$/,
    );
  });

  it('leaves the row of a method without a result empty', () => {
    const failure = 'the loss of step 12 is NaN';
    const results = runsAsGrid([{ ...runs[0], failure } as never, ...runs.slice(3)], config, [0, 1]);
    expect(tableOf(results)[2]).toMatch(/^SGD \(0 of 2 runs\) +- +- +- +-$/);
  });

  it('has the scores of the data set beside the result', () => {
    const judged = (seed: number, f1: number) =>
      record('SGD', seed, [{ accuracy: 0.75, scores: { f1, accuracy: 0.75 } }]);
    const [head, , row] = tableOf(runsAsGrid([judged(0, 0.4), judged(1, 0.6)], config, [0, 1]));
    expect(head).toMatch(/^method +test accuracy +test f1 +final rho/);
    // Deviations of 0.1 to each side: variance 0.02, error sqrt(0.02 / 2) = 0.1.
    expect(row).toMatch(/^SGD +0\.750 ± 0\.000 +0\.500 ± 0\.100 +-/);
  });

  it('fits 80 columns, and tells all rows of a sweep apart', () => {
    for (const make of Object.values(studies)) {
      const results = make({ seeds: 3, epochs: 1 });
      const lines = tableOf(results);
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
      const names = lines.map((line) => line.slice(0, 28));
      for (const { rows } of results.grid.tasks) expect(new Set(names).size).toBeGreaterThan(rows.length);
    }
  });

  it('aligns numbers by what a terminal shows', () => {
    const results = gridResults([
      {
        rows: [
          { method: '方法', outcomes: [0.5] },
          { method: 'SGD\u001b[31m', outcomes: [0.5] },
        ],
      },
    ]);
    const [, , wide, plain] = tableOf(results);
    // The two characters take four columns, and the command to the terminal none.
    expect(wide).toMatch(/^方法 {12}0\.500 {2,}reference/);
    expect(plain).toMatch(/^SGD {13}0\.500 {2,}0\.0/);
  });
});

describe('shortened', () => {
  it('keeps beginning and end', () =>
    expect(shortened('LETS-SAM, rho chosen on validation', 15)).toBe('LETS-SA…idation'));

  it('is never longer than it may be', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 3, max: 30 }), (name, most) => {
        expect(stringWidth(shortened(name, most))).toBeLessThanOrEqual(most);
      }),
    );
  });
});

describe('wrapped', () => {
  it('breaks at spaces', () => expect(wrapped('one two three', 8)).toBe('one two\nthree'));
});
