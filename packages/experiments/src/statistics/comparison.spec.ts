import { describe, expect, it } from '@jest/globals';
import { compared, type Comparison } from './comparison.js';
import { at, gridResults, record } from './results.fixture.js';
import { leftOutTexts } from './rows.js';

const row = ({ tasks }: Comparison, name: string) => tasks[0]?.rows.find((row) => row.name === name);
const sgd = [0.5, 0.52, 0.51, 0.53, 0.5, 0.52, 0.51];
const differences = [0.012, 0.007, 0.021, -0.003, 0.015, 0.009, 0.011];
const lets = sgd.map((value, i) => value + (differences[i] as number));

describe('compared', () => {
  it('has mean, error, interval and cost of a row, and its paired difference to the reference', () => {
    const results = gridResults([
      {
        rows: [
          { method: 'SGD', outcomes: sgd, gradientEvaluations: 100 },
          { method: 'LETS', outcomes: lets, gradientEvaluations: 300 },
        ],
      },
    ]);
    const comparison = compared(results);
    expect(comparison.tasks[0]).toMatchObject({ result: 'accuracy', moreIsBetter: true, reference: 'SGD' });
    expect(row(comparison, 'SGD')?.difference).toBeUndefined();
    expect(row(comparison, 'LETS')?.cost).toMatchObject({ gradientEvaluations: 300, ratio: 3, seconds: 2 });
    const found = row(comparison, 'LETS')?.difference;
    // scipy: t.interval(.95, 6, loc=mean(differences), scale=sem(differences)), ttest_1samp(differences, 0)
    expect(found).toMatchObject({ count: 7, verdict: 'above', isBetter: true, test: { name: 't' } });
    expect(found?.mean).toBeCloseTo(0.010285714285714285, 12);
    expect(found?.error).toBeCloseTo(0.0028006316100062122, 12);
    expect(found?.interval?.low).toBeCloseTo(0.003432815608498843, 12);
    expect(found?.test?.p).toBeCloseTo(0.01042145389429268, 10);
  });

  it('takes the end of a run, not its best epoch, and the best weights where the run ended with those', () => {
    const best = {
      ...record('SAM', 0, [{ accuracy: 0.9 }, { accuracy: 0.5 }]),
      best: { step: 10, test: { loss: 1, accuracy: 0.9 } },
    };
    const results = gridResults([
      {
        rows: [
          { method: 'SGD', outcomes: [[0.9, 0.5]] },
          { method: 'SAM', outcomes: [{ status: 'done', record: best }] },
        ],
      },
    ]);
    expect(compared(results).tasks[0]?.rows.map(({ result }) => result?.mean)).toEqual([0.5, 0.9]);
  });

  it('corrects p for the number of comparisons', () => {
    const rows = ['SGD', 'A', 'B', 'C'].map((method) => ({ method, outcomes: method === 'SGD' ? sgd : lets }));
    const comparison = compared(gridResults([{ rows }]));
    const { p, corrected } = row(comparison, 'B')?.difference?.test ?? { p: NaN, corrected: NaN };
    expect(corrected).toBeCloseTo(3 * p, 12);
    expect(row(comparison, 'B')?.difference?.verdict).toBe('above');
  });

  it('compares the seeds that both rows have, and says of each other one why it is out', () => {
    const failure = 'the loss of step 12 is NaN';
    const sam = [
      0.6,
      { status: 'diverged' as const, record: record('SAM', 1, [], { failure }), reason: failure },
      { status: 'failed' as const, reason: 'out of memory' },
      { status: 'interrupted' as const },
      { status: 'running' as const },
      { status: 'missing' as const },
      { status: 'missing' as const },
    ];
    const comparison = compared(
      gridResults([
        {
          rows: [
            { method: 'SGD', outcomes: sgd },
            { method: 'SAM', outcomes: sam },
          ],
        },
      ]),
    );
    const found = row(comparison, 'SAM');
    expect(found).toMatchObject({
      planned: 7,
      seeds: [{ seed: 0, result: 0.6 }],
      difference: { count: 1, verdict: 'not told apart' },
    });
    expect(found?.difference?.test).toBeUndefined();
    expect(found?.result?.interval).toBeUndefined();
    expect(leftOutTexts(found ? [found] : [])).toEqual([
      'SAM, seed 1, is left out of the averages: it diverged: the loss of step 12 is NaN.',
      'SAM, seed 2, is left out of the averages: it failed: out of memory.',
      'SAM, seed 3, is left out of the averages: it was interrupted.',
      'SAM, seed 4, is left out of the averages: it is running.',
      'SAM, seeds 5 and 6, are left out of the averages: each has not begun.',
    ]);
  });

  it('leaves out what is not a number or was not judged, so that no figure is NaN', () => {
    const bare = { ...record('SGD', 2, [{ accuracy: 0.5 }]), history: [] };
    const comparison = compared(
      gridResults([{ rows: [{ method: 'SGD', outcomes: [0.5, NaN, { status: 'done', record: bare }] }] }]),
    );
    expect(row(comparison, 'SGD')?.seeds).toEqual([{ seed: 0, result: 0.5 }]);
    expect(row(comparison, 'SGD')?.leftOut.map(({ reason }) => reason)).toEqual([
      'ended with a test accuracy of NaN',
      'was not evaluated on the test part',
    ]);
    expect(JSON.stringify(comparison)).not.toContain('null');
  });

  it('of runs that are the same: no difference, not told apart, no NaN', () => {
    const comparison = compared(
      gridResults([
        {
          rows: [
            { method: 'SGD', outcomes: sgd },
            { method: 'SAM at 0', outcomes: sgd },
          ],
        },
      ]),
    );
    expect(row(comparison, 'SAM at 0')?.difference).toMatchObject({
      mean: 0,
      interval: { low: 0, high: 0 },
      test: { name: 'signed-rank', p: 1, corrected: 1 },
      verdict: 'not told apart',
    });
  });

  it('of a regression, less is better, in the unit of the data', () => {
    const of = (seed: number, rootMeanSquaredError: number) => ({
      status: 'done' as const,
      record: record('m', seed, [{ rootMeanSquaredError, meanAbsoluteError: 0.5, r2: 0.25, scores: { rank: 1 } }]),
    });
    const results = gridResults([
      {
        rows: [
          { method: 'SGD', outcomes: sgd.map((value, seed) => of(seed, value)) },
          { method: 'SAM', outcomes: lets.map((value, seed) => of(seed, value)) },
        ],
      },
    ]);
    const [task] = compared(results).tasks;
    expect(task).toMatchObject({
      result: 'rootMeanSquaredError',
      moreIsBetter: false,
      scores: ['meanAbsoluteError', 'r2', 'rank'],
    });
    expect(task?.rows[1]).toMatchObject({
      difference: { verdict: 'above', isBetter: false },
      scores: { r2: { mean: 0.25 } },
    });
  });
});

describe('select', () => {
  const rho = (value: number) => [at('optimizer.rho', value)];
  /** A run with another validation than test accuracy. */
  const run = (seed: number, validation: number, test: number) => {
    const [epoch] = record('SAM', seed, [{ accuracy: test }]).history;
    return {
      status: 'done' as const,
      record: {
        ...record('SAM', seed, []),
        history: [
          { ...(epoch as NonNullable<typeof epoch>), validation: { loss: 1 - validation, accuracy: validation } },
        ],
      },
    };
  };
  const grid = (select: Parameters<typeof gridResults>[1]) =>
    gridResults(
      [
        {
          rows: [
            { method: 'SGD', outcomes: [0.1, 0.1] },
            { method: 'SAM', at: rho(0.1), outcomes: [run(0, 0.8, 0.3), run(1, 0.5, 0.4)] },
            { method: 'SAM', at: rho(0.5), outcomes: [run(0, 0.6, 0.5), run(1, 0.8, 0.6)] },
            {
              method: 'SAM',
              at: rho(2),
              outcomes: [run(0, 0.8, 0.9), { status: 'diverged', record: record('SAM', 1, []) }],
            },
          ],
        },
      ],
      select,
    );
  const chosen = (results: ReturnType<typeof grid>) => {
    const found = row(compared(results), 'SAM, rho chosen on validation');
    return found && { results: found.seeds.map(({ result }) => result), of: found.chosen?.choices.map(({ at: [one] }) => one?.value.label), chosen: found.chosen }; // prettier-ignore
  };

  it('per seed takes the best of that seed by validation, of equals the first, never what diverged', () => {
    const found = chosen(grid({ select: { metric: 'validation.accuracy', per: 'seed' } }));
    expect(found).toMatchObject({
      results: [0.3, 0.6],
      of: ['0.1', '0.5'],
      chosen: { candidates: 2, rows: 3, labels: ['rho'] },
    });
  });

  it('over seeds takes the best mean of the rows that are whole, and is no further comparison', () => {
    // Means 0.65 and 0.7; at 2 a seed diverged.
    const results = grid({ select: { metric: 'validation.accuracy', per: 'seeds' } });
    expect(chosen(results)).toMatchObject({ results: [0.5, 0.6], of: ['0.5', '0.5'] });
    const comparison = compared(results);
    const [own, again] = [row(comparison, 'SAM, rho 0.5'), row(comparison, 'SAM, rho chosen on validation')];
    expect(again?.difference).toEqual(own?.difference);
    // Two comparisons of two pairs, p 0.5 each: the chosen row is not a third.
    expect(own?.difference?.test).toMatchObject({ p: 0.5, corrected: 1 });
  });

  it('goes by the name of the metric, or by mode', () => {
    expect(chosen(grid({ select: { metric: 'validation.loss', per: 'seeds' } }))?.of).toEqual(['0.5', '0.5']);
    expect(chosen(grid({ select: { metric: 'validation.loss', mode: 'max', per: 'seeds' } }))?.of).toEqual([
      '0.1',
      '0.1',
    ]);
  });

  it('compares to the chosen row of a swept reference, else to its first', () => {
    const select = { metric: 'validation.accuracy', per: 'seed' } as const;
    expect(compared(grid({ select, reference: 'SAM' })).tasks[0]?.reference).toBe('SAM, rho chosen on validation');
    expect(compared(grid({ reference: 'SAM' })).tasks[0]?.reference).toBe('SAM, rho 0.1');
  });

  it('refuses the test part, and names what was not evaluated', () => {
    expect(() => compared(grid({ select: { metric: 'test.accuracy', per: 'seed' } }))).toThrow(
      /select\.metric is "test\.accuracy".*nothing is chosen on the test part/,
    );
    expect(() => compared(grid({ select: { metric: 'validation.f1', per: 'seed' } }))).toThrow(
      /"validation\.f1", which seed 0 of SAM, rho 0\.1 did not evaluate.*validation\.loss, validation\.accuracy/,
    );
    expect(() => compared(grid({ select: { metric: 'train.loss', per: 'seed' } }))).toThrow(
      /Add "train" to evaluate\.parts/,
    );
  });
});
