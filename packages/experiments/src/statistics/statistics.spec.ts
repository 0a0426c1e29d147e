import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { estimateOf } from './estimate.js';
import { holm } from './holm.js';
import { leastP, pairedTest, signedRankP } from './pairedTest.js';

const numbers = fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 2, maxLength: 12 });

describe('estimateOf', () => {
  it('has the standard error and the t interval of the mean', () => {
    // Deviations -1, 0, 1: variance 2 / (3 - 1) = 1, error sqrt(1 / 3).
    // scipy.stats.t.interval(.95, 2, loc=2, scale=3**-.5)
    const { interval, ...rest } = estimateOf([1, 2, 3]);
    expect(rest).toEqual({ count: 3, mean: 2, error: Math.sqrt(1 / 3), least: 1, greatest: 3 });
    expect(interval?.low).toBeCloseTo(-0.4841377117503298, 12);
    expect(interval?.high).toBeCloseTo(4.48413771175033, 12);
  });

  it('has neither for one value, and no width where all are the same', () => {
    expect(estimateOf([5])).toEqual({ count: 1, mean: 5, least: 5, greatest: 5 });
    expect(estimateOf([0.1, 0.1, 0.1])).toMatchObject({ mean: 0.1, error: 0, interval: { low: 0.1, high: 0.1 } });
  });

  it('moves and scales with the values', () => {
    fc.assert(
      fc.property(numbers, (values) => {
        const [one, two] = [estimateOf(values), estimateOf(values.map((value) => 3 - 2 * value))];
        expect(two.mean).toBeCloseTo(3 - 2 * one.mean, 8);
        expect(two.error).toBeCloseTo(2 * (one.error as number), 8);
        expect(two.interval?.low).toBeCloseTo(3 - 2 * (one.interval?.high as number), 6);
      }),
    );
  });
});

describe('pairedTest', () => {
  const differences = [0.012, 0.007, 0.021, -0.003, 0.015, 0.009, 0.011];

  it('is the t test of six or more', () => {
    // scipy.stats.ttest_1samp(differences, 0): statistic 3.672640931768769, df 6
    const found = pairedTest(differences, 1);
    expect(found?.name).toBe('t');
    expect(found?.p).toBeCloseTo(0.01042145389429268, 12);
    expect([6, 5].map((pairs) => pairedTest(differences.slice(0, pairs), 1)?.name)).toEqual(['t', 'signed-rank']);
  });

  it('is the exact signed-rank test of fewer', () => {
    // scipy.stats.wilcoxon([1, 2, 3, 4, 5]) and of [1, 2, -3, 4]
    expect(pairedTest([1, 2, 3, 4, 5], 5)).toEqual({ name: 'signed-rank', p: 0.0625 });
    expect(pairedTest([1, 2, -3, 4], 5)).toEqual({ name: 'signed-rank', p: 0.625 });
    expect(pairedTest([1], 5)).toBeUndefined();
  });

  it('has a p for runs that are the same, or differ by the same, where t has none', () => {
    expect(
      pairedTest(
        Array.from({ length: 8 }, () => 0),
        1,
      ),
    ).toEqual({ name: 'signed-rank', p: 1 });
    // Differences that are the same but for their rounding: 2 / 2^6.
    const [a, b] = [
      [0.9, 0.8, 0.7, 0.6, 0.5, 0.4],
      [0.8, 0.7, 0.6, 0.5, 0.4, 0.3],
    ];
    const same = a.map((value, i) => value - (b[i] as number));
    expect(new Set(same).size).toBeGreaterThan(1);
    expect(pairedTest(same, 0.9)).toEqual({ name: 'signed-rank', p: 0.03125 });
  });

  it('never tells fewer than six apart', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 2, maxLength: 5 }), (few) => {
        expect(pairedTest(few, 1)?.p).toBeGreaterThanOrEqual(leastP(few.length));
        expect(leastP(few.length)).toBeGreaterThan(0.05);
      }),
    );
  });
});

describe('signedRankP', () => {
  it('is exact with ties and zeros', () => {
    // scipy.stats.wilcoxon(..., method=PermutationMethod(n_resamples=inf)): all 2^n signs of the mean ranks.
    expect(signedRankP([1, 1, 2, -1])).toBe(0.5);
    expect(signedRankP([1, 1, 0, 2])).toBe(0.25);
    expect(signedRankP([1, -2, 2, 3, 3])).toBe(0.25);
    // scipy.stats.wilcoxon([5, 3, -1, 2, -4, 6, 7])
    expect(signedRankP([5, 3, -1, 2, -4, 6, 7])).toBe(0.15625);
    expect(signedRankP([0, 0])).toBe(1);
  });

  it('is the same for the other direction, in another order and at another scale', () => {
    const differences = fc.array(fc.integer({ min: -4, max: 4 }), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(differences, (values) => {
        const p = signedRankP(values);
        expect(p).toBeGreaterThan(0);
        expect(p).toBeLessThanOrEqual(1);
        expect(signedRankP(values.map((value) => -value))).toBe(p);
        expect(signedRankP([...values].reverse().map((value) => 8 * value))).toBe(p);
      }),
    );
  });
});

describe('holm', () => {
  it('is that of R', () => {
    // p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm")
    expect(holm([0.01, 0.04, 0.03, 0.005]).map((p) => Number(p.toFixed(12)))).toEqual([0.03, 0.06, 0.06, 0.02]);
    expect(holm([0.6, 0.5])).toEqual([1, 1]);
    expect(holm([])).toEqual([]);
  });

  it('keeps the order, lies between p and m p, and is at most 1', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 9 }), (values) => {
        const corrected = holm(values);
        for (const [i, p] of values.entries()) {
          expect(corrected[i]).toBeGreaterThanOrEqual(p);
          expect(corrected[i]).toBeLessThanOrEqual(Math.min(1, values.length * p) + 1e-15);
          for (const [j, q] of values.entries())
            if (p < q) expect(corrected[i]).toBeLessThanOrEqual(corrected[j] as number);
        }
      }),
    );
  });
});
