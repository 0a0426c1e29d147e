import { scaleOf } from '@flatmin/analysis';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ellipseOf, gramOf } from './ellipse.js';

describe('the edge of a ball in a plane', () => {
  it('is a circle where the directions are orthonormal', () => {
    const gram = gramOf([Float32Array.of(0, 1, 0), Float32Array.of(0, 0, 1)], Float32Array.of(1, 1, 1));
    expect(gram).toEqual([1, 0, 1]);
    for (const { x, y } of ellipseOf(gram, 0.5, [3, 4])) expect(Math.hypot(x - 3, y - 4)).toBeCloseTo(0.5, 12);
  });

  it('reaches rho by the length of a direction along it', () => {
    // ||d1|| = 5, ||d2|| = 2, orthogonal: semi-axes 0.1 / 5 and 0.1 / 2.
    const gram = gramOf([Float32Array.of(3, 4), Float32Array.of(-1.6, 1.2)], Float32Array.of(1, 1));
    const corners = ellipseOf(gram, 0.1, [0, 0], 4);
    const expected = [
      [0.02, 0],
      [0, 0.05],
      [-0.02, 0],
      [0, -0.05],
      [0.02, 0],
    ];
    corners.forEach(({ x, y }, i) => {
      expect(x).toBeCloseTo(expected[i]?.[0] as number, 7);
      expect(y).toBeCloseTo(expected[i]?.[1] as number, 7);
    });
  });

  it('is closed, and each of its points is rho away from the middle in the measure of the ball', () => {
    const numbers = fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(numbers, fc.double({ min: 0.01, max: 10, noNaN: true }), (values, rho) => {
        const [a, b, weights] = [values.slice(0, 3), values.slice(3), values.slice(1, 4)].map((each) =>
          Float32Array.from(each),
        ) as [Float32Array, Float32Array, Float32Array];
        const scale = scaleOf(weights, true);
        const gram = gramOf([a, b], scale);
        // Directions that are nearly one make no plane.
        fc.pre(gram[0] > 1e-2 && gram[2] > 1e-2 && gram[1] ** 2 < 0.99 * gram[0] * gram[2]);
        const edge = ellipseOf(gram, rho);
        expect(edge.at(-1)).toEqual(edge[0]);
        for (const { x, y } of edge) {
          const length = Math.hypot(
            ...[0, 1, 2].map((i) => (x * (a[i] as number) + y * (b[i] as number)) / (scale[i] as number)),
          );
          expect(length / rho).toBeCloseTo(1, 6);
        }
      }),
    );
  });

  it('goes by the size of each weight where it is adaptive: |theta| + 0.01', () => {
    const scale = scaleOf(Float32Array.of(-2, 0), true);
    expect([...scale]).toEqual([2.01, 0.01].map(Math.fround));
    const [xx, xy, yy] = gramOf([Float32Array.of(1, 0), Float32Array.of(0, 1)], scale);
    expect([1 / Math.sqrt(xx), xy, 1 / Math.sqrt(yy)].map((each) => Number(each.toFixed(6)))).toEqual([2.01, 0, 0.01]);
  });
});
