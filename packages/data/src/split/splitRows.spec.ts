import { RandomStream } from '@flatmin/core';
import { describe, expect, it } from '@jest/globals';
import { splitRows } from '../index.js';

describe('splitRows', () => {
  it('rounds the held out parts, and trains on the rest', () => {
    // round(0.15 * 10) = round(1.5) = 2, round(0.24 * 10) = round(2.4) = 2, 10 - 2 - 2 = 6
    const { train, validation, test } = splitRows(10, { validation: 0.15, test: 0.24, seed: 1 });
    expect([train, validation, test].map(({ length }) => length)).toEqual([6, 2, 2]);
  });

  it('gives test the first rows of the seeded permutation, validation the next, train the others', () => {
    const order = [...new RandomStream(7).at('split').permutation(10)];
    const { train, validation, test } = splitRows(10, { validation: 0.3, test: 0.2, seed: 7 });
    expect([...test, ...validation, ...train]).toEqual(order);
    expect(order).not.toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('depends on the seed alone, and takes a stream for it', () => {
    const split = (seed: number | RandomStream) => splitRows(50, { validation: 0.5, seed }).validation;
    expect(split(3)).toEqual(split(3));
    expect(split(3)).toEqual(split(new RandomStream(3)));
    expect(split(3)).not.toEqual(split(4));
  });

  it('has empty parts for fractions of 0', () => {
    const split = splitRows(3, { validation: 0, seed: 1 });
    expect([split.train, split.validation, split.test].map(({ length }) => length)).toEqual([3, 0, 0]);
  });

  it.each([
    ['a negative fraction', { validation: -0.1 }, /fraction of validation rows is -0\.1/],
    ['a fraction of 1', { validation: 0.1, test: 1 }, /fraction of test rows is 1/],
    ['NaN', { validation: NaN }, /is NaN/],
    ['a fraction that rounds to no row', { validation: 0.04 }, /validation 0\.04 of 10 rows rounds to 0/],
    ['nothing to train on', { validation: 0.5, test: 0.5 }, /take 10 of 10 rows/],
    ['a seed that is not an integer', { validation: 0.1, seed: 0.5 }, /seed is 0\.5/],
  ])('refuses %s', (_, options, message) => {
    expect(() => splitRows(10, { seed: 1, ...options })).toThrow(
      expect.objectContaining({ code: 'DATA_INVALID', message: expect.stringMatching(message) }),
    );
  });
});
