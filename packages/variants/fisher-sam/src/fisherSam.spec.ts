import { Bowl } from '@flatmin/conformance';
import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fisherSam } from './plugin.js';

const { own, step, dispose } = new Bowl();
afterEach(dispose);
/** At learning rate 1 the step is the final gradient. */
const sgd = { use: 'sgd', learningRate: 1 };

const dot = (a: number[], b: number[]): number => a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);
const coordinate = fc.double({ min: 0.1, max: 5, noNaN: true });
const runs = { numRuns: 25, seed: 1 };

describe('fisher-sam', () => {
  it('perturbs to the ellipsoid epsilon^T F epsilon = rho^2, F = 1 + eta g^2', () => {
    fc.assert(
      fc.property(coordinate, coordinate, fc.double({ min: 0, max: 10, noNaN: true }), (a, b, eta) => {
        const { clean, offset } = step(own(fisherSam({ rho: 0.5, eta, base: sgd })), [a, -b]);
        const F = clean.map((g) => 1 + eta * g * g);
        expect(
          dot(
            offset,
            offset.map((value, i) => value * (F[i] as number)),
          ),
        ).toBeCloseTo(0.25, 3);
        // The worst point of it: F epsilon is along g.
        const [normal1, normal2] = offset.map((value, i) => value * (F[i] as number)) as [number, number];
        const [g1, g2] = clean as [number, number];
        expect(Math.abs(normal1 * g2 - normal2 * g1)).toBeLessThan(
          1e-4 * Math.hypot(normal1, normal2) * Math.hypot(g1, g2),
        );
      }),
      runs,
    );
  });

  it('moves weights less the larger their gradient is, where eta is large', () => {
    // g = (1, 4), F = (1 + 100, 1 + 1600): F^-1 g = (1 / 101, 4 / 1601).
    const { offset } = step(own(fisherSam({ rho: 0.5, eta: 100, base: sgd })), [1, 2]);
    expect((offset[1] as number) / (offset[0] as number)).toBeCloseTo((4 * 101) / 1601, 3);
  });

  it('descends along the gradient at that point', () => {
    const { perturbed, taken } = step(own(fisherSam({ rho: 0.5, base: sgd })), [3, 2]);
    taken.forEach((value, i) => expect(value).toBeCloseTo(perturbed[i] as number, 5));
  });

  it.each([
    [{ eta: -1 }, /eta.*got -1/s],
    [{ gamma: 0.1 }, /gamma.*rho, eta/s],
  ])('refuses %o', (options, message) => {
    expect(() => fisherSam({ ...options, base: sgd })).toThrow(message);
  });
});
