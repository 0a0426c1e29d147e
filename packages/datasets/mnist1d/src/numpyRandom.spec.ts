import { describe, expect, it } from '@jest/globals';
import { NumpyRandom } from './numpyRandom.js';

const draw = <T>(count: number, next: () => T): T[] => Array.from({ length: count }, next);

describe('NumpyRandom', () => {
  it('gives the numbers of the reference implementation of MT19937 (seed 5489)', () => {
    const random = new NumpyRandom(5489);
    expect(draw(3, () => random.bits())).toEqual([3499211612, 581869302, 3890346734]);
    // The 10,000th number is the check value of the C++ standard, [rand.predef].
    expect(draw(9997, () => random.bits()).at(-1)).toBe(4123659995);
  });

  it('gives np.random.seed(42); np.random.rand(3)', () => {
    const random = new NumpyRandom(42);
    expect(draw(3, () => random.uniform())).toEqual([0.3745401188473625, 0.9507143064099162, 0.7319939418114051]);
  });

  it('gives np.random.seed(42); np.random.randn(4)', () => {
    const random = new NumpyRandom(42);
    const expected = [0.4967141530112327, -0.13826430117118466, 0.6476885381006925, 1.5230298564080254];
    draw(4, () => random.normal()).forEach((value, i) => expect(value).toBeCloseTo(expected[i] as number, 14));
  });

  it('gives np.random.seed(42); np.random.randint(0, 48, 5)', () => {
    const random = new NumpyRandom(42);
    expect(draw(5, () => random.integer(48))).toEqual([38, 28, 14, 42, 7]);
  });

  it('gives np.random.seed(42); np.random.permutation(8)', () => {
    expect([...new NumpyRandom(42).permutation(8)]).toEqual([1, 5, 0, 7, 2, 4, 3, 6]);
  });
});
