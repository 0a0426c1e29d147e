import { lossOfBatch, type LossFunction, type SharpnessAwareOptimizer } from '@flatmin/core';
import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { sam } from './plugin.js';

const made: { dispose(): void }[] = [];
afterEach(() => made.splice(0).forEach((each) => each.dispose()));

const own = <T extends { dispose(): void }>(each: T): T => {
  made.push(each);
  return each;
};
const values = (tensor: tf.Tensor): number[] => Array.from(tensor.dataSync());

/** L(w) = 1/2 (w1^2 + 2 w2^2): gradient (w1, 2 w2). */
function bowl(w: tf.Variable): LossFunction {
  return () => tf.tidy(() => tf.mul(0.5, tf.sum<tf.Scalar>(tf.mul(tf.square(w), [1, 2]))));
}

function stepped(w: number[], optimizer: SharpnessAwareOptimizer, loss = bowl): number[] {
  const variable = own(tf.variable(tf.tensor1d(w)));
  own(optimizer).minimize(loss(variable), false, [variable]);
  return values(variable);
}

const sgd = { use: 'sgd', learningRate: 0.1 };

function expectClose(actual: readonly number[], expected: readonly number[], digits = 6): void {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, i) => expect(value).toBeCloseTo(expected[i] as number, digits));
}

describe('sam', () => {
  it('takes the step worked out by hand', () => {
    // g = (3, 4), ||g|| = 5; epsilon = 0.5 g / 5 = (0.3, 0.4); gradient at (3.3, 2.4) is (3.3, 4.8).
    const optimizer = sam({ rho: 0.5, base: sgd });
    expectClose(stepped([3, 2], optimizer), [3 - 0.33, 2 - 0.48]);
    expect(optimizer.lastStep.loss).toBeCloseTo(8.5, 6);
    expect(optimizer.lastStep.perturbationNorm).toBeCloseTo(0.5, 6);
    expect(optimizer.lastStep.radius).toBe(0.5);
    expect(optimizer.lastStep.gradientEvaluations).toBe(2);
  });

  it('climbs ascentSteps times by rho, each along the gradient where it stands', () => {
    // From (3.3, 2.4): gradient (3.3, 4.8), length 5.824946; second ascent 0.5 (3.3, 4.8) / 5.824946 = (0.283265,
    // 0.412021). The gradient at (3.583265, 2.812021) is (3.583265, 5.624043).
    const optimizer = sam({ rho: 0.5, ascentSteps: 2, base: sgd });
    expectClose(stepped([3, 2], optimizer), [3 - 0.3583265, 2 - 0.5624043], 5);
    expect(optimizer.lastStep.perturbationNorm).toBeCloseTo(Math.hypot(0.583265, 0.812021), 5);
    expect(optimizer.lastStep.gradientEvaluations).toBe(3);
  });

  it('perturbs each part of the batch by its own gradient and weighs parts by size', () => {
    // Loss per example: 1/2 (w - x)^2, so part gradients are w - mean(x) in one dimension, unit directions +-1.
    // Examples 0, 1 | 5 (sizes 2, 1), w = 2: parts pull with 1.5 and -3, perturbed by +0.5 and -0.5: 2 and -3.5.
    const x = own(tf.tensor1d([0, 1, 5]));
    const w = own(tf.variable(tf.scalar(2)));
    const loss = lossOfBatch((xs: tf.Tensor1D) => tf.mul<tf.Tensor1D>(0.5, tf.square(tf.sub(w, xs))), x, x);
    const optimizer = own(sam({ rho: 0.5, microBatches: 2, base: sgd }));
    optimizer.minimize(loss, false, [w]);
    expect(values(w)[0]).toBeCloseTo(2 - 0.1 * ((2 * 2) / 3 - 3.5 / 3), 6);
    expect(optimizer.lastStep.loss).toBeCloseTo((4 + 1 + 9) / 6, 6);
    expect(optimizer.lastStep.gradientEvaluations).toBe(4);
    expect(optimizer.lastStep.perturbationNorm).toBeNull();
  });

  it('says what microBatches needs of a loss', () => {
    const w = own(tf.variable(tf.tensor1d([3, 2])));
    const optimizer = own(sam({ microBatches: 2, base: sgd }));
    expect(() => optimizer.minimize(bowl(w), false, [w])).toThrow(
      /sam with microBatches needs loss\.split.*batchLoss/s,
    );
    expect(values(w)).toEqual([3, 2]);
  });

  it('perturbs by exactly rho, whatever the weights', () => {
    const coordinate = fc.double({ min: -10, max: 10, noNaN: true }).filter((value) => Math.abs(value) > 1e-3);
    fc.assert(
      fc.property(coordinate, coordinate, fc.double({ min: 0.001, max: 2, noNaN: true }), (a, b, rho) => {
        const optimizer = sam({ rho, base: sgd });
        const w = tf.variable(tf.tensor1d([a, b]));
        const seen: number[][] = [];
        const loss = (): tf.Scalar => {
          seen.push(values(w));
          return bowl(w)();
        };
        optimizer.minimize(loss, false, [w]);
        const [clean, moved] = seen as [number[], number[]];
        const length = Math.hypot(...moved.map((value, i) => value - (clean[i] as number)));
        optimizer.dispose();
        w.dispose();
        expect(length).toBeCloseTo(rho, 4);
      }),
      { numRuns: 25, seed: 1 },
    );
  });

  it('is its base, bit for bit, at rho 0', () => {
    const plain = own(tf.variable(tf.tensor1d([3, 2])));
    const reference = tf.train.momentum(0.1, 0.9);
    const perturbed = own(tf.variable(tf.tensor1d([3, 2])));
    const optimizer = own(sam({ rho: 0, base: { use: 'momentum', learningRate: 0.1, momentum: 0.9 } }));
    for (let i = 0; i < 5; i++) {
      reference.minimize(bowl(plain), false, [plain]);
      optimizer.minimize(bowl(perturbed), false, [perturbed]);
    }
    expect(values(perturbed)).toEqual(values(plain));
  });

  it.each([
    [{ rho: -1 }, /rho.*got -1/s],
    [{ rho: Number.NaN }, /rho/],
    [{ ascentSteps: 0 }, /ascentSteps/],
    [{ microBatches: 1.5 }, /microBatches/],
    [{ radius: 1 }, /radius.*rho, ascentSteps/s],
  ])('refuses %o before anything is created', (options, message) => {
    const before = tf.memory().numTensors;
    expect(() => sam({ ...options, base: sgd })).toThrow(message);
    expect(tf.memory().numTensors).toBe(before);
  });
});
