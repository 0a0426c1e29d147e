import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { plateauSchema, reducedRate, reductionsIn } from './plateau.js';

const defaults = { patience: 2, minDelta: 0, cooldown: 0 };
/** After each of some evaluations. */
const reductionsAfter = (values: number[], sign = -1, options = {}): number[] =>
  values.map((_, i) => reductionsIn(values.slice(0, i + 1), sign, { ...defaults, ...options }));

describe('reduceOnPlateau', () => {
  it('counts evaluations in a row without improvement, anew after each time', () => {
    expect(reductionsAfter([5, 4, 4, 4, 4, 4, 3, 3, 3])).toEqual([0, 0, 0, 1, 1, 2, 2, 2, 3]);
    expect(reductionsAfter([1, 2, 2, 2], 1)).toEqual([0, 0, 0, 1]);
  });

  it('asks for an improvement of more than minDelta, from the best so far', () => {
    expect(reductionsAfter([5, 4.5, 4.1, 3.9], -1, { minDelta: 1 })).toEqual([0, 0, 1, 1]);
  });

  it('leaves out the evaluations of the cooldown, but not their improvement', () => {
    expect(reductionsAfter([5, 5, 5, 5, 5, 5, 5], -1, { cooldown: 2 })).toEqual([0, 0, 1, 1, 1, 1, 2]);
    expect(reductionsAfter([5, 5, 5, 4, 4, 4, 4], -1, { cooldown: 2 })).toEqual([0, 0, 1, 1, 1, 1, 2]);
  });

  it('takes what is not a number as no improvement, but for a first one', () => {
    expect(reductionsAfter([NaN, 5, NaN, NaN])).toEqual([0, 0, 0, 1]);
  });

  it('never reduces a run that gets better, and no more than each patience once', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true }), { maxLength: 40 }),
        fc.integer({ min: 1, max: 5 }),
        (values, patience) => {
          const falling = [...new Set(values)].sort((a, b) => b - a);
          expect(reductionsIn(falling, -1, { ...defaults, patience })).toBe(0);
          expect(reductionsIn(values, -1, { ...defaults, patience })).toBeLessThanOrEqual(values.length / patience);
        },
      ),
    );
  });

  it('lowers a rate to minRate at most, and leaves one that is lower', () => {
    const options = { factor: 0.1, minRate: 0.02 };
    expect([0, 1, 2].map((n) => reducedRate(0.5, n, options))).toEqual([0.5, 0.05, 0.02]);
    expect(reducedRate(0.01, 3, options)).toBe(0.01);
  });

  it('refuses the test part', () => {
    expect(plateauSchema.safeParse({ metric: 'test.loss' }).success).toBe(false);
  });
});
