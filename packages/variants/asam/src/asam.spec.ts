import { Bowl } from '@flatmin/conformance';
import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { asam } from './plugin.js';

const { own, loss: bowl, dispose } = new Bowl();
afterEach(dispose);
const values = (tensor: tf.Tensor): number[] => Array.from(tensor.dataSync());
const sgd = { use: 'sgd', learningRate: 0.1 };

describe('asam', () => {
  it('takes the step worked out by hand', () => {
    // w = (3, 2), g = (3, 4), T = |w| + 1 = (4, 3): T g = (12, 12), length 12 sqrt 2; T^2 g = (48, 36).
    // epsilon = 0.5 (48, 36) / (12 sqrt 2) = (sqrt 2, 1.5 / sqrt 2); the gradient there is (3 + sqrt 2, 4 + 3 / sqrt
    // 2).
    const w = own(tf.variable(tf.tensor2d([[3, 2]])));
    const optimizer = own(asam({ rho: 0.5, eta: 1, base: sgd }));
    optimizer.minimize(bowl(w), false, [w]);
    expect(values(w)[0]).toBeCloseTo(3 - 0.1 * (3 + Math.SQRT2), 6);
    expect(values(w)[1]).toBeCloseTo(2 - 0.1 * (4 + 3 / Math.SQRT2), 6);
    expect(optimizer.lastStep.perturbationNorm).toBeCloseTo(Math.hypot(Math.SQRT2, 1.5 / Math.SQRT2), 6);
    expect(optimizer.lastStep.gradientEvaluations).toBe(2);
  });

  it('leaves biases and normalization unscaled, unless adaptiveRoles widens the rule', () => {
    const offsets = (adaptiveRoles?: ('kernel' | 'normalization')[]): number[][] => {
      const kernel = own(tf.variable(tf.tensor2d([[3]]), true));
      const gamma = own(tf.variable(tf.tensor1d([3]), true));
      const roles = { [gamma.name]: 'normalization' as const };
      const optimizer = own(
        asam({ rho: 1, eta: 0, base: sgd, ...(adaptiveRoles && { adaptiveRoles }) }, { parameters: roles }),
      );
      const seen: number[][] = [];
      const loss = (): tf.Scalar => {
        seen.push([values(kernel)[0] as number, values(gamma)[0] as number]);
        return tf.add(tf.sum<tf.Scalar>(kernel), tf.sum<tf.Scalar>(gamma));
      };
      optimizer.minimize(loss, false, [kernel, gamma]);
      const [clean, moved] = seen as [number[], number[]];
      return [moved.map((value, i) => value - (clean[i] as number))];
    };
    // g = (1, 1), T = (3, 1): T g has length sqrt 10, epsilon = (9, 1) / sqrt 10. Widened: T = (3, 3), epsilon = (9, 9)
    // / sqrt 18.
    expect(offsets()[0]?.map((value) => value * Math.sqrt(10))).toEqual([expect.closeTo(9, 5), expect.closeTo(1, 5)]);
    const widened = offsets(['kernel', 'normalization'])[0]?.map((value) => value * Math.sqrt(18));
    expect(widened).toEqual([expect.closeTo(9, 5), expect.closeTo(9, 5)]);
  });

  it('is invariant to the scale of the weights at eta 0', () => {
    // L'(w) = L(w / a) at a w is the same function: the offset scales with a, and the perturbed loss is the same.
    const perturbedLoss = (a: number, w: number[]): number => {
      const variable = tf.variable(tf.tensor2d([w.map((value) => value * a)]));
      const optimizer = asam({ rho: 0.3, eta: 0, base: sgd });
      const losses: number[] = [];
      const loss = (): tf.Scalar => {
        const scaled = tf.tidy(() =>
          tf.mul<tf.Scalar>(0.5, tf.sum<tf.Scalar>(tf.mul(tf.square(tf.div(variable, a)), [[1, 2]]))),
        );
        losses.push(values(scaled)[0] as number);
        return scaled;
      };
      optimizer.minimize(loss, false, [variable]);
      optimizer.dispose();
      variable.dispose();
      return losses[1] as number;
    };
    const weight = fc.double({ min: 0.1, max: 5, noNaN: true });
    fc.assert(
      fc.property(weight, weight, fc.double({ min: 0.05, max: 20, noNaN: true }), (w1, w2, a) => {
        const [one, other] = [perturbedLoss(1, [w1, -w2]), perturbedLoss(a, [w1, -w2])];
        expect(Math.abs(other / one - 1)).toBeLessThan(1e-5);
      }),
      { numRuns: 25, seed: 2 },
    );
  });

  it('gives the plain step at a zero gradient, and at zero weights without eta', () => {
    const w = own(tf.variable(tf.tensor2d([[0, 0]])));
    const optimizer = own(asam({ rho: 0.5, eta: 0, base: sgd }));
    optimizer.minimize(() => tf.sum<tf.Scalar>(tf.mul(w, [[1, -2]])), false, [w]);
    expect(values(w)).toEqual([expect.closeTo(-0.1, 6), expect.closeTo(0.2, 6)]);
  });

  it.each([
    [{ eta: -0.1 }, /eta.*got -0\.1/s],
    [{ adaptiveRoles: ['kernels'] }, /adaptiveRoles/],
  ])('refuses %o', (options, message) => {
    expect(() => asam({ ...options, base: sgd } as Parameters<typeof asam>[0])).toThrow(message);
  });
});
