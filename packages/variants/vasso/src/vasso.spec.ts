import { Bowl } from '@flatmin/conformance';
import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { vasso } from './plugin.js';

const { own, step, dispose } = new Bowl();
afterEach(dispose);
/** At learning rate 1 the step is the final gradient. */
const sgd = { use: 'sgd', learningRate: 1 };

const coordinate = fc.double({ min: 0.1, max: 5, noNaN: true });
const runs = { numRuns: 25, seed: 1 };

describe('vasso', () => {
  it('perturbs by rho along the average of the gradients, newest weighed by theta', () => {
    fc.assert(
      fc.property(coordinate, coordinate, fc.double({ min: 0.01, max: 1, noNaN: true }), (a, b, theta) => {
        const optimizer = own(vasso({ rho: 0.5, theta, base: sgd }));
        let d: number[] | undefined;
        for (const w of [
          [a, b],
          [b, a],
          [a + b, 1],
        ]) {
          const { clean, offset } = step(optimizer, w);
          d = clean.map((value, i) => (1 - theta) * (d?.[i] ?? value) + theta * value);
          const length = Math.hypot(...d);
          offset.forEach((value, i) => expect(value).toBeCloseTo((0.5 * (d?.[i] as number)) / length, 4));
        }
      }),
      runs,
    );
  });

  it('climbs across the gradient of an odd batch, which a small theta hardly follows', () => {
    const optimizer = own(vasso({ rho: 0.5, theta: 0.1, base: sgd }));
    step(optimizer, [4, 0]);
    // d = 0.9 (4, 0) + 0.1 (0, 2) = (3.6, 0.2).
    const { offset } = step(optimizer, [0, 1]);
    const length = Math.hypot(3.6, 0.2);
    expect(offset).toEqual([expect.closeTo(1.8 / length, 5), expect.closeTo(0.1 / length, 5)]);
  });

  it.each([
    [{ theta: 0 }, /theta.*got 0/s],
    [{ theta: Number.NaN }, /theta/],
    [{ beta: 0.9 }, /beta.*rho, theta/s],
  ])('refuses %o', (options, message) => {
    expect(() => vasso({ ...options, base: sgd })).toThrow(message);
  });
});
