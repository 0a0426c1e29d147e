import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { accuracy, f1, glueScores, matthews, pearson, spearman } from './metrics.js';

// 3 true positives, 1 false positive, 2 false negatives, 4 true negatives.
const actual = [1, 1, 1, 1, 1, 0, 0, 0, 0, 0];
const predicted = [1, 1, 1, 0, 0, 1, 0, 0, 0, 0];

describe('of classes', () => {
  it('accuracy: 7 of 10', () => expect(accuracy(predicted, actual)).toBe(0.7));
  it('F1: 2 x 3 / (2 x 3 + 1 + 2)', () => expect(f1(predicted, actual)).toBeCloseTo(6 / 9, 12));
  it('F1 of class 0: 2 x 4 / (2 x 4 + 2 + 1)', () => expect(f1(predicted, actual, 0)).toBeCloseTo(8 / 11, 12));
  it('F1 without that class', () => expect(f1([0, 0], [0, 0])).toBe(0));
  it('Matthews: (3 x 4 - 1 x 2) / sqrt(4 x 5 x 5 x 6)', () => {
    expect(matthews(predicted, actual)).toBeCloseTo(10 / Math.sqrt(600), 12);
  });
  it('Matthews where one class alone is predicted', () => expect(matthews([1, 1, 1], [1, 0, 1])).toBe(0));

  it('Matthews is its definition for any classes, and changes sign with them', () => {
    const classes = fc.array(fc.tuple(fc.nat(1), fc.nat(1)), { minLength: 1 });
    fc.assert(
      fc.property(classes, (both) => {
        const [p, a] = [both.map(([x]) => x), both.map(([, y]) => y)];
        const count = (x: number, y: number) => both.filter(([i, j]) => i === x && j === y).length;
        const [tp, tn, fp, fn] = [count(1, 1), count(0, 0), count(1, 0), count(0, 1)];
        const root = Math.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn));
        expect(matthews(p, a)).toBeCloseTo(root === 0 ? 0 : (tp * tn - fp * fn) / root, 10);
        expect(matthews(p.map((x) => 1 - x), a)).toBeCloseTo(-matthews(p, a), 10); // prettier-ignore
      }),
    );
  });
});

describe('of numbers', () => {
  it('Pearson: deviations -1.5, -.5, .5, 1.5 and -2, -1, 0, 3', () => {
    // Product 3 + .5 + 0 + 4.5 = 8; squares 5 and 14.
    expect(pearson([1, 2, 3, 4], [1, 2, 3, 6])).toBeCloseTo(8 / Math.sqrt(70), 12);
  });
  it('Spearman: ranks alone count', () => {
    expect(spearman([1, 2, 3, 4], [1, 2, 3, 600])).toBe(1);
    expect(spearman([1, 2, 3], [3, 2, 1])).toBe(-1);
  });
  it('Spearman with equal values: they share the mean of their ranks', () => {
    // Ranks 0, 1.5, 1.5, 3 and 0, 1, 2, 3: product 2.25 + 0 + 0 + 2.25, squares 4.5 and 5.
    expect(spearman([1, 2, 2, 3], [1, 2, 3, 4])).toBeCloseTo(4.5 / Math.sqrt(22.5), 12);
  });
  it('neither is a number where one side is constant', () => {
    expect([pearson([0.1, 0.1, 0.1], [1, 2, 3]), spearman([2, 2], [1, 2])]).toEqual([NaN, NaN]);
  });
});

describe('glueScores', () => {
  it('has the metrics of the task', () => {
    expect(glueScores('mrpc', [1, 1, 0], [1, 0, 0])).toEqual({ f1: 2 / 3, accuracy: 2 / 3 });
    expect(Object.keys(glueScores('sts-b', [1, 2], [1, 3]))).toEqual(['pearson', 'spearman']);
    expect(glueScores('cola', [1, 0], [1, 0])).toEqual({ matthews: 1 });
  });
  it('refuses another number of predictions, and none', () => {
    expect(() => glueScores('rte', [1], [1, 0])).toThrow(expect.objectContaining({ code: 'DATA_INVALID' }));
    expect(() => glueScores('cola', [], [])).toThrow(/0 predictions/);
  });
});
