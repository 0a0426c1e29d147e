import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { numberText, shareText, withError } from './numberText.js';

describe('a number', () => {
  it.each([
    [0, '0'],
    [0.30834, '0.3083'],
    [12.5, '12.5'],
    [-154.04, '-154'],
    [12345, '12,350'],
    [3.1e-7, '3.1e-7'],
    [9.87654e12, '9.877e12'],
    [0.99999, '1'],
    [-0, '0'],
    [NaN, 'not finite'],
    [-Infinity, 'not finite'],
  ])('%d is %s', (value, text) => expect(numberText(value)).toBe(text));
});

describe('a number and its error', () => {
  it.each([
    [12.304, 0.018, '12.30 ± 0.02'],
    [154.4, 6.2, '154 ± 6'],
    [0.10946, 0.003, '0.109 ± 0.003'],
    [1.0968e-4, 2.9e-6, '0.000110 ± 0.000003'],
    [3.52e-5, 9.1e-7, '3.52e-5 ± 9e-7'],
    [0.4, 3, '0 ± 3'],
    [-1.234, 0.1, '-1.2 ± 0.1'],
    [9.96, 0.3, '10.0 ± 0.3'],
    [1234.56, 0.4, '1,234.6 ± 0.4'],
    // Six figures at most; an error below them by its size.
    [1.23456789, 1e-9, '1.23457 ± 1e-9'],
    [12.5, 0, '12.5'],
    [12.5, NaN, '12.5'],
    [NaN, 1, 'not finite'],
  ])('%d ± %d is %s', (value, error, text) => expect(withError(value, error)).toBe(text));

  it('is as near as the error says, whatever the size', () => {
    const numbers = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(numbers, fc.double({ min: 1e-3, max: 1, noNaN: true }), (value, share) => {
        const error = Math.abs(value) * share;
        fc.pre(error > 1e-4);
        const [shown = ''] = withError(value, error).split(' ± ');
        expect(Math.abs(Number(shown.replaceAll(',', '')) - value)).toBeLessThanOrEqual(error);
      }),
    );
  });
});

it.each([
  [0.95234, '95.2 %'],
  [0.4212, '42 %'],
  [0.0421, '4.2 %'],
])('%d is %s', (share, text) => expect(shareText(share)).toBe(text));
