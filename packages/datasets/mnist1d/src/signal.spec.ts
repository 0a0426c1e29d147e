import { describe, expect, it } from '@jest/globals';
import { gaussianFilter, interpolate, linspace, mean, rotate, standardDeviation } from './signal.js';
import { templates } from './templates.js';

const of = (...values: number[]): Float64Array => Float64Array.from(values);

describe('linspace', () => {
  it('includes both ends', () => expect([...linspace(-0.5, 0.5, 5)]).toEqual([-0.5, -0.25, 0, 0.25, 0.5]));
});

describe('interpolate', () => {
  it('draws straight lines between the values', () => {
    expect([...interpolate(of(0, 2, 6), 5)]).toEqual([0, 1, 2, 4, 6]);
    expect([...interpolate(of(0, 1, 2, 3, 4), 3)]).toEqual([0, 2, 4]);
  });
});

describe('rotate', () => {
  it('moves to the right, around the end', () => {
    expect([...rotate(of(1, 2, 3, 4), 1)]).toEqual([4, 1, 2, 3]);
    expect([...rotate(of(1, 2, 3, 4), 0)]).toEqual([1, 2, 3, 4]);
  });
});

describe('gaussianFilter', () => {
  it('spreads a spike by the normalized bell', () => {
    // sigma 0.5: radius floor(2.5) = 2, weights 1, e^-2, e^-8, over their sum over both sides.
    const total = 1 + 2 * (Math.exp(-2) + Math.exp(-8));
    const smoothed = gaussianFilter(0.5)(of(0, 0, 0, 1, 0, 0, 0));
    const expected = [0, Math.exp(-8), Math.exp(-2), 1, Math.exp(-2), Math.exp(-8), 0];
    expected.forEach((weight, i) => expect(smoothed[i]).toBeCloseTo(weight / total, 15));
  });

  it('mirrors at the edges, the first and last value doubled', () => {
    // 1 at the start: its own weight and its image's, which is one place further.
    const total = 1 + 2 * (Math.exp(-2) + Math.exp(-8));
    const [first, second] = gaussianFilter(0.5)(of(1, 0, 0, 0, 0));
    expect(first).toBeCloseTo((1 + Math.exp(-2)) / total, 15);
    expect(second).toBeCloseTo((Math.exp(-2) + Math.exp(-8)) / total, 15);
    expect([...gaussianFilter(2)(new Float64Array(20).fill(3))].every((value) => Math.abs(value - 3) < 1e-14)).toBe(
      true,
    );
  });
});

describe('mean and standardDeviation', () => {
  it('divide by n', () => {
    expect(mean(of(1, 2, 3, 6))).toBe(3);
    expect(standardDeviation(of(1, 2, 3, 6))).toBe(Math.sqrt(14 / 4));
  });
});

describe('templates', () => {
  it('start at 0 and have the standard deviation 1/6', () => {
    expect(templates()).toHaveLength(10);
    for (const template of templates()) {
      expect(template).toHaveLength(12);
      expect(template[0]).toBe(0);
      expect(standardDeviation(template)).toBeCloseTo(1 / 6, 15);
    }
  });
});
