import { beforeAll, describe, expect, it } from '@jest/globals';
import path from 'node:path';
import { example } from './examplePage.mjs';

/** A slice whose loss is so much at the center, and so much more at alpha = -0.5 and 0.5. */
const slice = (center, left, right, /** @type {number | null} */ reach = null) => ({
  ...{ step: 44, weights: new Float32Array(0), length: 20, reach },
  losses: Array.from({ length: 21 }, (_, i) => center + (i === 5 ? left : i === 15 ? right : 0)),
});

describe('the slices in words', () => {
  let wordsOf;
  beforeAll(async () => {
    ({ wordsOf } = await import(path.join(example, 'src/words.ts')));
  });

  it('say what is measured, halfway on both sides, and which is flatter', () => {
    expect(wordsOf([slice(1, 0.25, 0.5), slice(2, 0.125, 0.125)])).toBe(
      'Halfway, at α = ±0.5, compared with its center, the loss: around A (step 44) it is 0.375 higher, around B (step 44) it is 0.125 higher. Along this direction B is flatter.',
    );
    expect(wordsOf([slice(1, 0.25, 0.25), slice(0, 2, 2)])).toContain('A is flatter.');
  });

  it('call two alike that differ by less than a tenth', () => {
    expect(wordsOf([slice(1, 1, 1), slice(0, 0.92, 0.92)])).toContain('both are about equally flat.');
    expect(wordsOf([slice(1, 1, 1), slice(0, 0.89, 0.89)])).toContain('B is flatter.');
  });

  it('say where the loss is lower, or no number', () => {
    expect(wordsOf([slice(1, -0.5, 0.25), slice(0, 1, 1)])).toMatch(/around A .* 0\.125 lower.* A is flatter\.$/);
    expect(wordsOf([slice(1, NaN, 1), slice(0, 1, 1)])).toMatch(/not a finite number, .*cannot be compared\.$/);
  });

  it('say what is not measured yet', () => {
    expect(wordsOf([undefined, undefined])).toBe('Nothing is measured yet.');
    expect(wordsOf([undefined, slice(0, 1, 1)])).toMatch(/around B .* higher\. A is not measured yet\.$/);
  });

  it('say how far the radius reaches, in units of the direction', () => {
    const words = wordsOf([slice(1, 1, 1, 0.1), slice(1, 2, 2, 1.7)]);
    expect(words).toContain('The radius of A is α = ±0.0050: too short to be drawn.');
    expect(words).toContain('The radius of B is α = ±0.085: the dashed lines.');
  });
});
