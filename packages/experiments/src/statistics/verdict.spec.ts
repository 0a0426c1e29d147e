import { describe, expect, it } from '@jest/globals';
import { compared } from './comparison.js';
import { at, type GivenRow, type GivenTask, gridResults, record } from './results.fixture.js';
import { verdictOf } from './verdict.js';

const sgd = [0.5, 0.52, 0.51, 0.53, 0.5, 0.52, 0.51];
const noise = [0.002, -0.003, 0.001, 0, -0.001, 0.003, -0.002];
const moved = (by: number) => sgd.map((value, i) => value + by + (noise[i] as number));
const rows = (...more: GivenRow[]): GivenTask => ({
  rows: [{ method: 'SGD', outcomes: sgd, gradientEvaluations: 100 }, ...more],
});
const verdict = (...tasks: GivenTask[]) => verdictOf(compared(gridResults(tasks)));
const few = (row: GivenRow, seeds: number): GivenRow => ({ ...row, outcomes: row.outcomes.slice(0, seeds) });
const lets = { method: 'LETS-SAM', outcomes: moved(0.017), gradientEvaluations: 300 };
const same = { method: 'SAM', outcomes: moved(0), gradientEvaluations: 200 };
const worse = { method: 'ASAM', outcomes: moved(-0.1), gradientEvaluations: 200 };

describe('verdictOf', () => {
  it('says what is above, by how much and at what cost, and what is not told apart', () => {
    expect(verdict(rows(lets, same))).toEqual([
      'LETS-SAM is 1.7 points above SGD (95 %: 1.5 to 1.9) at 3 times its gradients; SAM is not told apart from it.',
    ]);
  });

  it('says that the reference is the best', () => {
    expect(verdict(rows(worse, same))).toEqual([
      'Nothing is shown to be better than SGD: ASAM is 10.0 points below SGD (95 %: -10.2 to -9.8) at 2 times its gradients; ' +
        'SAM is not told apart from it.',
    ]);
  });

  it('says that nothing is told apart, and how large the largest difference was', () => {
    expect(verdict(rows(same))).toEqual(['SAM is not told apart from SGD.']);
    const more = { method: 'MSAM', outcomes: moved(0.001).map((value, i) => value + (i % 2 === 0 ? 0.01 : -0.009)) };
    expect(verdict(rows(same, more))[0]).toMatch(
      /^SGD is not told apart from SAM and MSAM\. The largest difference: MSAM is 0\.3 points above it \(95 %: -0\.\d to 1\.\d\), which may be chance\.$/,
    );
  });

  it('says that few seeds tell nothing, and how many would', () => {
    expect(verdict({ rows: [few({ method: 'SGD', outcomes: sgd }, 3), few(lets, 3)] })).toEqual([
      expect.stringMatching(
        /^So far LETS-SAM is 1\.7 points above SGD \(95 %: 1\.\d to 2\.\d\) at 15 times its gradients, and that may be chance\.$/,
      ),
      '3 seeds are too few to tell methods apart: the smallest p that their signed-rank test can give is 0.25; use six seeds or more.',
    ]);
    expect(verdict({ rows: [few({ method: 'SGD', outcomes: sgd }, 1), few(lets, 1)] })[1]).toBe(
      'One seed has no interval and no test; use six seeds or more.',
    );
  });

  it('names a row that has fewer pairs than the others', () => {
    const gaps = {
      ...same,
      outcomes: same.outcomes.map((value, i) => (i < 4 ? value : { status: 'missing' as const })),
    };
    expect(verdict(rows(lets, gaps))[0]).toMatch(
      /SAM is not told apart from it \(SAM has 4 pairs of seeds, and six are needed\)\.$/,
    );
  });

  it('of a loss and an error says the unit and the direction', () => {
    const of = (values: readonly number[], key: string) =>
      values.map((value, seed) => ({ status: 'done' as const, record: record('m', seed, [{ [key]: value }]) }));
    const regression = (key: string): GivenTask => ({
      rows: [
        { method: 'SGD', outcomes: of(sgd, key) },
        { method: 'SAM', outcomes: of(moved(-0.12), key) },
      ],
    });
    expect(verdict(regression('rootMeanSquaredError'))[0]).toMatch(
      /^SAM is 0\.120 lower than SGD in root mean squared error, which is better \(95 %: -0\.122 to -0\.118\) at the same gradients\.$/,
    );
    expect(verdict(regression('loss'))[0]).toMatch(/^SAM is 0\.120 lower than SGD in test loss, which is better/);
  });

  it('is about the chosen row of a method, not about each value', () => {
    const swept = [0.1, 0.5].map((value) => ({ ...lets, at: [at('optimizer.rho', value)] }));
    const select = { metric: 'validation.accuracy', per: 'seed' } as const;
    expect(verdictOf(compared(gridResults([rows(...swept)], { select })))).toEqual([
      'LETS-SAM, rho chosen on validation is 1.7 points above SGD (95 %: 1.5 to 1.9) at 3 times its gradients.',
    ]);
  });

  it('says a sentence a task, and counts of more', () => {
    const task = (name: string, ...more: GivenRow[]) => ({ ...rows(...more), name });
    expect(verdict(task('noise 0', lets), task('noise 0.5', same))).toEqual([
      'noise 0: LETS-SAM is 1.7 points above SGD (95 %: 1.5 to 1.9) at 3 times its gradients.',
      'noise 0.5: SAM is not told apart from SGD.',
    ]);
    const many = ['a', 'b', 'c', 'd', 'e'].map((name, i) => task(name, { ...lets, outcomes: moved(i < 3 ? 0.02 : 0) }));
    expect(verdict(...many)).toEqual([
      'LETS-SAM is better than SGD in 3 of 5 tasks, worse in none, not told apart in 2.',
    ]);
  });

  it('says when there is nothing to say', () => {
    const missing = [{ status: 'missing' as const }, { status: 'running' as const }];
    expect(
      verdict({
        rows: [
          { method: 'SGD', outcomes: missing },
          { method: 'SAM', outcomes: missing },
        ],
      }),
    ).toEqual(['No result yet: none of 4 runs is done.']);
    expect(
      verdict({
        rows: [
          { method: 'SGD', outcomes: missing },
          { method: 'SAM', outcomes: [0.5, 0.6] },
        ],
      }),
    ).toEqual(['SGD, which the others are compared to, has no run that is done, so nothing is compared yet.']);
    expect(verdict({ rows: [{ method: 'SGD', outcomes: [0.5, 0.7] }] })[0]).toMatch(
      /^SGD ends with a test accuracy of 0\.600 \(95 %: -0\.671 to 1\.871\), the mean over 2 seeds\.$/,
    );
  });
});
