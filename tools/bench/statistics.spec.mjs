import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { besideFloor, chunks, mean, quantile, roundsFor, summary, updateOf } from './statistics.mjs';

const samples = fc.array(fc.double({ min: 0.01, max: 1e4, noNaN: true }), { minLength: 1, maxLength: 50 });

describe('quantiles', () => {
  it('lie between neighbors, in proportion', () => {
    // Positions 0.3, 1.5 and 2.7 of 1, 2, 4, 8.
    expect(quantile([8, 1, 4, 2], 0.1)).toBeCloseTo(1.3, 12);
    expect(summary([8, 1, 4, 2])).toEqual({
      median: 3,
      low: expect.closeTo(1.3),
      high: expect.closeTo(6.8),
      samples: 4,
    });
    expect(summary([5])).toEqual({ median: 5, low: 5, high: 5, samples: 1 });
  });

  it('do not depend on the order, and keep theirs', () => {
    fc.assert(
      fc.property(samples, (values) => {
        const { low, median, high } = summary(values);
        expect(low).toBeLessThanOrEqual(median);
        expect(median).toBeLessThanOrEqual(high);
        expect(summary([...values].reverse())).toEqual(summary(values));
      }),
    );
  });

  it('leave the samples as they are', () => {
    const values = [3, 1, 2];
    quantile(values, 0.5);
    expect(values).toEqual([3, 1, 2]);
  });
});

describe('the floor', () => {
  it('is the evaluations; the ratio takes the update out first', () => {
    // (17 - 1) / (2 x 7.5) = 16 / 15.
    const { floor, ratio } = besideFloor({ step: 17, update: 1, gradient: 7.5, evaluations: 2 });
    expect(floor).toBe(15);
    expect(ratio).toBeCloseTo(16 / 15, 12);
  });

  it('knows the update of a graph by its plain step, and never as less than nothing', () => {
    expect(updateOf({ plain: 3.2, gradient: 3 })).toBeCloseTo(0.2, 12);
    expect(updateOf({ plain: 2.9, gradient: 3 })).toBe(0);
  });
});

describe('rounds', () => {
  it('fill the time, within bounds', () => {
    expect(roundsFor({ seconds: 60, round: 0.7, min: 3, max: 200 })).toBe(85);
    expect(roundsFor({ seconds: 60, round: 50, min: 3, max: 200 })).toBe(3);
    expect(roundsFor({ seconds: -5, round: 1, min: 3, max: 200 })).toBe(3);
    expect(roundsFor({ seconds: 60, round: 0.01, min: 3, max: 200 })).toBe(200);
  });
});

it('means and chunks', () => {
  expect(mean([2, 2, 1])).toBeCloseTo(5 / 3, 12);
  expect(mean([])).toBeUndefined();
  expect(chunks([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]]);
  expect(chunks([], 3)).toEqual([]);
});
