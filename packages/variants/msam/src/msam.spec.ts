import { type LossFunction, type SharpnessAwareOptimizer } from '@flatmin/core';
import { lets } from '@flatmin/lets';
import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { msam } from './plugin.js';

const made: { dispose(): void }[] = [];
afterEach(() => made.splice(0).forEach((each) => each.dispose()));
const own = <T extends { dispose(): void }>(each: T): T => {
  made.push(each);
  return each;
};
const values = (tensor: tf.Tensor): number[] => Array.from(tensor.dataSync());

/** L(w) = 1/2 (w1^2 + 2 w2^2): gradient (w1, 2 w2). */
const bowl =
  (w: tf.Variable): LossFunction =>
  () =>
    tf.tidy(() => tf.mul(0.5, tf.sum<tf.Scalar>(tf.mul(tf.square(w), [1, 2]))));

/** Where each pass of a step stood. */
function passes(w: tf.Variable, optimizer: SharpnessAwareOptimizer): number[][] {
  const seen: number[][] = [];
  const loss = (): tf.Scalar => {
    seen.push(values(w));
    return bowl(w)();
  };
  optimizer.minimize(loss, false, [w]);
  return seen;
}

describe('msam', () => {
  it('stands rho ahead, along what the base would do next, and keeps the weights themselves', () => {
    // Step 0: g = (3, 4) = v; w = (2.7, 1.6). Step 1 is evaluated at w - 0.5 (3, 4) / 5 = (2.4, 1.2): gradient (2.4,
    // 2.4), v = 0.9 (3, 4) + (2.4, 2.4) = (5.1, 6), w = (2.7 - 0.51, 1.6 - 0.6).
    const w = own(tf.variable(tf.tensor1d([3, 2])));
    const optimizer = own(msam({ rho: 0.5, base: { use: 'momentum', learningRate: 0.1, momentum: 0.9 } }));
    expect(passes(w, optimizer).at(-1)).toEqual([3, 2]);
    const [weights, second, ...more] = passes(w, optimizer) as [number[], number[], ...number[][]];
    expect(more).toEqual([]);
    expect(weights).toEqual([expect.closeTo(2.7, 6), expect.closeTo(1.6, 6)]);
    expect(second).toEqual([expect.closeTo(2.4, 6), expect.closeTo(1.2, 6)]);
    expect(values(w)).toEqual([expect.closeTo(2.19, 6), expect.closeTo(1, 6)]);
  });

  it("goes along Adam's first moment", () => {
    // After one step m = 0.1 (3, 4), of the same direction as (3, 4); Adam's first step is its learning rate.
    const w = own(tf.variable(tf.tensor1d([3, 2])));
    const optimizer = own(msam({ rho: 0.5, base: { use: 'adam', learningRate: 0.1 } }));
    passes(w, optimizer);
    expect(passes(w, optimizer).at(-1)).toEqual([expect.closeTo(2.9 - 0.3, 4), expect.closeTo(1.9 - 0.4, 4)]);
  });

  it('reports the loss at the weights for one forward pass more, or the one at the offset', () => {
    const losses = [true, false].map((cleanLoss) => {
      const w = own(tf.variable(tf.tensor1d([3, 2])));
      const base = { use: 'momentum', learningRate: 0.1, momentum: 0.9 };
      const optimizer = own(msam({ rho: 0.5, cleanLoss, base }));
      passes(w, optimizer);
      expect(passes(w, optimizer)).toHaveLength(cleanLoss ? 2 : 1);
      expect(optimizer.lastStep.perturbedLoss).toBeCloseTo(0.5 * (2.4 ** 2 + 2 * 1.2 ** 2), 5);
      return optimizer.lastStep.loss;
    });
    expect(losses[0]).toBeCloseTo(0.5 * (2.7 ** 2 + 2 * 1.6 ** 2), 5);
    expect(losses[1]).toBeCloseTo(0.5 * (2.4 ** 2 + 2 * 1.2 ** 2), 5);
  });

  it('perturbs by exactly rho against the momentum, whatever the steps before', () => {
    const coordinate = fc.double({ min: -10, max: 10, noNaN: true }).filter((value) => Math.abs(value) > 1e-2);
    fc.assert(
      fc.property(coordinate, coordinate, fc.double({ min: 0.001, max: 2, noNaN: true }), (a, b, rho) => {
        const w = tf.variable(tf.tensor1d([a, b]));
        const optimizer = msam({ rho, base: { use: 'momentum', learningRate: 0.05, momentum: 0.7 } });
        passes(w, optimizer);
        const before = values(w);
        const moved = passes(w, optimizer).at(-1) as number[];
        const offset = moved.map((value, i) => value - (before[i] as number));
        optimizer.dispose();
        w.dispose();
        // v is the first gradient, (a, 2 b): the offset has its opposite direction.
        const length = Math.hypot(a, 2 * b);
        expect(offset[0]).toBeCloseTo((-rho * a) / length, 4);
        expect(offset[1]).toBeCloseTo((-rho * 2 * b) / length, 4);
      }),
      { numRuns: 25, seed: 1 },
    );
  });

  it.each([
    // Its own gradient and the two of the upper level; the secant compares with one at the weights, the validation
    // objective has one.
    ['paper', 3],
    ['robust', 3],
  ] as const)('costs LETS (%s) no gradient that it does not use', (preset, evaluations) => {
    const w = own(tf.variable(tf.tensor1d([3, 2])));
    const inner = msam({ rho: 0.5, base: { use: 'momentum', learningRate: 0.1, momentum: 0.9 } });
    const validationLoss = (): tf.Scalar => tf.tidy(() => tf.sum(tf.square(tf.sub(w, 1))));
    const optimizer = own(lets(inner, { preset, validationLoss }));
    for (let t = 0; t < 3; t++) {
      optimizer.minimize(bowl(w), false, [w]);
      expect(optimizer.lastStep.gradientEvaluations).toBe(evaluations);
    }
  });

  it.each([
    { use: 'sgd', learningRate: 0.1 },
    { use: 'adagrad', learningRate: 0.1 },
  ])('refuses the base $use by name, before anything changes', (base) => {
    const w = own(tf.variable(tf.tensor1d([3, 2])));
    const optimizer = own(msam({ base }));
    const step = () => optimizer.minimize(bowl(w), false, [w]);
    expect(step).toThrow(/msam perturbs along.*Use momentum, adam/s);
    expect(step).toThrow(expect.objectContaining({ code: 'BASE_UNSUITABLE' }));
    expect(values(w)).toEqual([3, 2]);
  });
});
