import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { domainOf, focusOf } from './focus.js';

const rows = (...values: number[][]) => values.map((values, i) => ({ name: `row ${i}`, values }));

describe('focusOf', () => {
  it('leaves out the one that failed', () => {
    expect(focusOf(rows([0.7, 0.71], [0.1, 0.11], [0.72, 0.73])).outside).toEqual(['row 1']);
    expect(focusOf(rows([0.7], [0.71], [0.72], [3], [0.1])).outside).toEqual(['row 3', 'row 4']);
  });

  it('keeps what differs by no more than others do', () => {
    expect(focusOf(rows([0.5], [0.6], [0.7], [0.8])).outside).toEqual([]);
    // Of two nobody says which failed.
    expect(focusOf(rows([0.1], [0.7])).outside).toEqual([]);
    // Seeds that spread are a range, too.
    expect(focusOf(rows([0.5, 0.7], [0.6, 0.65], [0.3, 0.35])).outside).toEqual([]);
    expect(focusOf([])).toEqual({ inside: new Set(), outside: [] });
  });

  it('never leaves out half of the rows at one end, and keeps rows that are the same', () => {
    const values = fc.array(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 3 }), {
      minLength: 1,
      maxLength: 9,
    });
    fc.assert(
      fc.property(values, (given) => {
        const { inside, outside } = focusOf(rows(...given));
        expect(inside.size + outside.length).toBe(given.length);
        expect(inside.size).toBeGreaterThan(0);
        expect(focusOf(rows(...given.map(() => [0.5]))).outside).toEqual([]);
      }),
    );
  });
});

describe('domainOf', () => {
  it('has room for one value, too', () => {
    expect(domainOf([0, 1])).toEqual([-0.05, 1.05]);
    expect(domainOf([2])).toEqual([1.9, 2.1]);
    expect(domainOf([0])).toEqual([-0.5, 0.5]);
  });
});
