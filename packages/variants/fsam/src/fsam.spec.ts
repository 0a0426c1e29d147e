import { Bowl } from '@flatmin/conformance';
import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fsam } from './plugin.js';

const { own, step, dispose } = new Bowl();
afterEach(dispose);
/** At learning rate 1 the step is the final gradient. */
const sgd = { use: 'sgd', learningRate: 1 };

const coordinate = fc.double({ min: 0.1, max: 5, noNaN: true });
const runs = { numRuns: 25, seed: 1 };

describe('fsam', () => {
  it('perturbs by rho: first along the gradient, then along what the last average lacks', () => {
    fc.assert(
      fc.property(coordinate, coordinate, fc.double({ min: 0, max: 0.9, noNaN: true }), (a, b, sigma) => {
        const optimizer = own(fsam({ rho: 0.5, sigma, lambda: 0.6, base: sgd }));
        const first = step(optimizer, [a, -b]);
        const second = step(optimizer, [b + 5, a]);
        const d = second.clean.map((value, i) => value - sigma * (first.clean[i] as number));
        for (const [{ offset }, along] of [
          [first, first.clean],
          [second, d],
        ] as const) {
          offset.forEach((value, i) =>
            expect(value).toBeCloseTo((0.5 * (along[i] as number)) / Math.hypot(...along), 4),
          );
        }
      }),
      runs,
    );
  });

  it('averages the gradients as they were, not what it perturbed along', () => {
    // Gradients (3, 4), (1, 2), (5, 0): m0 = (3, 4), m1 = 0.5 (3, 4) + 0.5 (1, 2) = (2, 3), d2 = (5, 0) - (2, 3) = (3,
    // -3).
    const optimizer = own(fsam({ rho: 0.5, sigma: 1, lambda: 0.5, base: sgd }));
    step(optimizer, [3, 2]);
    step(optimizer, [1, 1]);
    const { offset } = step(optimizer, [5, 0]);
    expect(offset).toEqual([expect.closeTo(0.5 * Math.SQRT1_2, 5), expect.closeTo(-0.5 * Math.SQRT1_2, 5)]);
  });

  it('perturbs nothing where the batch has nothing of its own', () => {
    const optimizer = own(fsam({ rho: 0.5, base: sgd }));
    step(optimizer, [3, 2]);
    const { offset, clean, taken } = step(optimizer, [3, 2]);
    expect(offset).toEqual([0, 0]);
    expect(taken).toEqual(clean);
    expect(optimizer.lastStep.perturbationNorm).toBe(0);
  });

  it.each([
    [{ sigma: Number.NaN }, /sigma/],
    [{ lambda: -0.1 }, /lambda/],
    [{ lmbda: 0.9 }, /lmbda.*is not an option of fsam.*"lambda"/s],
  ])('refuses %o', (options, message) => {
    expect(() => fsam({ ...options, base: sgd })).toThrow(message);
  });
});
