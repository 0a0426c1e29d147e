import { lossOfBatch, lossOfOutputs, type LossFunction } from '@flatmin/core';
import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { functionalSam } from './plugin.js';

const made: { dispose(): void }[] = [];
afterEach(() => made.splice(0).forEach((each) => each.dispose()));
const own = <T extends { dispose(): void }>(each: T): T => {
  made.push(each);
  return each;
};
/** At learning rate 1 the step is the final gradient. */
const sgd = { use: 'sgd', learningRate: 1 };
const squares = (f: tf.Tensor, y: tf.Tensor): tf.Tensor1D => tf.mul(0.5, tf.square(tf.sub(f, y)));

/** What one step at rho takes from the weights. */
function taken(w: tf.Variable, loss: LossFunction, rho: number): number[] {
  const before = w.dataSync().slice();
  own(functionalSam({ rho, base: sgd })).minimize(loss, false, [w]);
  return Array.from(w.dataSync(), (value, i) => (before[i] as number) - value);
}

describe('functional-sam', () => {
  it('is the base where the outputs are linear in the weights, whatever rho: their Jacobian is the same everywhere', () => {
    const real = fc.double({ min: -3, max: 3, noNaN: true });
    fc.assert(
      fc.property(fc.array(real, { minLength: 6, maxLength: 6 }), real, real, (rows, a, b) => {
        const x = own(tf.tensor2d(rows, [3, 2]));
        const y = own(tf.tensor1d([1, -1, 2]));
        const gradientAt = (rho: number): number[] => {
          const w = own(tf.variable(tf.tensor2d([a, b], [2, 1])));
          const model = (part: tf.Tensor2D): tf.Tensor =>
            tf.reshape(tf.matMul(part, w as unknown as tf.Tensor2D), [-1]);
          return taken(w, lossOfOutputs(model, squares, x, y), rho);
        };
        const plain = gradientAt(0);
        gradientAt(2).forEach((value, i) => expect(value).toBeCloseTo(plain[i] as number, 4));
      }),
      { numRuns: 20, seed: 1 },
    );
  });

  it('takes the Jacobian at the offset, and the gradient by outputs at the weights', () => {
    // f = (w^2 x1, w^2 x2) for x = (1, 2), y = (0, 2), at w = 1: f = (1, 2), v = (f - y) / 2 = (1/2, 0), g = v1 2 w =
    // 1, epsilon = rho = 0.25; J = 2 (w + epsilon) x = (2.5, 5): the final gradient is 1/2 2.5.
    const w = own(tf.variable(tf.scalar(1)));
    const [x, y] = [own(tf.tensor1d([1, 2])), own(tf.tensor1d([0, 2]))];
    const loss = lossOfOutputs((rows: tf.Tensor1D) => tf.mul(rows, tf.square(w as tf.Tensor)), squares, x, y);
    expect(taken(w, loss, 0.25)[0]).toBeCloseTo(1.25, 6);
  });

  it('takes the gradient of a regularizer at the offset', () => {
    // The same, plus w^2: g = 1 + 2 = 3, epsilon 0.25, and 2 1.25 more.
    const w = own(tf.variable(tf.scalar(1)));
    const [x, y] = [own(tf.tensor1d([1, 2])), own(tf.tensor1d([0, 2]))];
    const model = (rows: tf.Tensor1D): tf.Tensor => tf.mul(rows, tf.square(w as tf.Tensor));
    const loss = lossOfOutputs(model, squares, x, y, () => tf.square(w as unknown as tf.Scalar));
    expect(taken(w, loss, 0.25)[0]).toBeCloseTo(1.25 + 2.5, 5);
  });

  it('says which loss it needs, before anything changes', () => {
    const w = own(tf.variable(tf.scalar(1)));
    const x = own(tf.tensor1d([1]));
    const loss = lossOfBatch((rows: tf.Tensor1D) => tf.mul<tf.Tensor1D>(rows, w as tf.Tensor), x, x);
    expect(() => taken(w, loss, 0.1)).toThrow(/needs loss\.throughOutputs\(\).*lossOfOutputs/s);
    expect(w.dataSync()[0]).toBe(1);
  });
});
