import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { labelNoise, labelNoiseKinds } from '../index.js';
import { numberedTable } from '../source/numberedTable.fixture.js';

const wrong = (noisy: Int32Array, clean: Int32Array): number[] =>
  [...noisy.keys()].filter((i) => noisy[i] !== clean[i]);
const labelsOf = (rows: number, classes: number): Int32Array => numberedTable(rows, classes).labels;

describe('labelNoise', () => {
  it('pair-flip moves every class to the next, the last to the first', () => {
    const noisy = labelNoise(Int32Array.of(0, 1, 2, 2), { kind: 'pair-flip', rate: 1, classes: 3, seed: 0 });
    expect([...noisy]).toEqual([1, 2, 0, 0]);
  });

  it('symmetric with two classes swaps them', () => {
    const noisy = labelNoise(Int32Array.of(0, 1, 1), { kind: 'symmetric', rate: 1, classes: 2, seed: 0 });
    expect([...noisy]).toEqual([1, 0, 0]);
  });

  it('symmetric draws the other classes uniformly', () => {
    // 9,000 wrong labels of one class over 9 others: 1,000 each, standard deviation sqrt(9000 * 1/9 * 8/9) = 30.
    const noisy = labelNoise(new Int32Array(9000).fill(4), { kind: 'symmetric', rate: 1, classes: 10, seed: 5 });
    const counts = Array.from({ length: 10 }, (_, c) => noisy.filter((label) => label === c).length);
    expect(counts[4]).toBe(0);
    for (const c of [0, 1, 2, 3, 5, 6, 7, 8, 9]) expect(Math.abs((counts[c] as number) - 1000)).toBeLessThan(150);
  });

  it('makes exactly round(rate * n) labels wrong, and leaves the given array alone', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...labelNoiseKinds),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 2, max: 12 }),
        fc.integer({ min: 0, max: 200 }),
        fc.integer(),
        (kind, rate, classes, rows, seed) => {
          const clean = labelsOf(rows, classes);
          const noisy = labelNoise(clean, { kind, rate, classes, seed });
          expect(wrong(noisy, clean)).toHaveLength(Math.round(rate * rows));
          expect(noisy.every((label) => label >= 0 && label < classes)).toBe(true);
          expect(clean).toEqual(labelsOf(rows, classes));
        },
      ),
    );
  });

  it('rounds halves up: 0.5 of 5 is 3', () => {
    const clean = labelsOf(5, 3);
    expect(wrong(labelNoise(clean, { kind: 'symmetric', rate: 0.5, classes: 3, seed: 2 }), clean)).toHaveLength(3);
  });

  it('contains the noise of lower rates', () => {
    const clean = labelsOf(200, 10);
    const at = (rate: number) => labelNoise(clean, { kind: 'symmetric', rate, classes: 10, seed: 9 });
    const [low, high] = [at(0.2), at(0.4)];
    for (const i of wrong(low, clean)) expect(high[i]).toBe(low[i]);
  });

  it('depends on the seed', () => {
    const clean = labelsOf(100, 10);
    const at = (seed: number) => labelNoise(clean, { kind: 'pair-flip', rate: 0.3, classes: 10, seed });
    expect(at(1)).toEqual(at(1));
    expect(at(1)).not.toEqual(at(2));
  });

  it.each([
    ['a rate above 1', { rate: 1.1 }, /rate is 1\.1/],
    ['a NaN rate', { rate: NaN }, /rate is NaN/],
    ['an unknown kind', { kind: 'uniform' as 'symmetric' }, /kind is "uniform"\. Use "symmetric" or "pair-flip"/],
    ['one class', { classes: 1 }, /classes is 1/],
    ['a label that is not a class', { classes: 2 }, /labels\[2\] is 2/],
  ])('refuses %s', (_, change, message) => {
    const options = { kind: 'symmetric', rate: 0.5, classes: 3, seed: 0, ...change } as const;
    expect(() => labelNoise(Int32Array.of(0, 1, 2), options)).toThrow(
      expect.objectContaining({ code: 'DATA_INVALID', message: expect.stringMatching(message) }),
    );
  });
});
