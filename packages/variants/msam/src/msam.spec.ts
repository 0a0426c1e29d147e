import { type LossFunction, type SharpnessAwareOptimizer, type Spec } from '@flatmin/core';
import { loadReference, runReference } from '@flatmin/conformance';
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
    // Step 0: g = (3, 4) = v; w = (2.7, 1.6). Step 1 is evaluated at w - 0.5 (3, 4) / 5 = (2.4, 1.2): gradient (2.4, 2.4),
    // v = 0.9 (3, 4) + (2.4, 2.4) = (5.1, 6), w = (2.7 - 0.51, 1.6 - 0.6).
    const w = own(tf.variable(tf.tensor1d([3, 2])));
    const optimizer = own(msam({ rho: 0.5, base: { use: 'momentum', learningRate: 0.1, momentum: 0.9 } }));
    expect(passes(w, optimizer)).toEqual([[3, 2]]);
    const [second, ...more] = passes(w, optimizer) as [number[], ...number[][]];
    expect(more).toEqual([]);
    expect(second).toEqual([expect.closeTo(2.4, 6), expect.closeTo(1.2, 6)]);
    expect(values(w)).toEqual([expect.closeTo(2.19, 6), expect.closeTo(1, 6)]);
    expect(optimizer.lastStep.loss).toBeCloseTo(0.5 * (2.4 ** 2 + 2 * 1.2 ** 2), 5);
  });

  it("goes along Adam's first moment", () => {
    // After one step m = 0.1 (3, 4), of the same direction as (3, 4); Adam's first step is its learning rate.
    const w = own(tf.variable(tf.tensor1d([3, 2])));
    const optimizer = own(msam({ rho: 0.5, base: { use: 'adam', learningRate: 0.1 } }));
    passes(w, optimizer);
    expect(passes(w, optimizer)[0]).toEqual([expect.closeTo(2.9 - 0.3, 4), expect.closeTo(1.9 - 0.4, 4)]);
  });

  it('reports the loss at the weights where asked, for one forward pass and no gradient', async () => {
    const reference = await loadReference('msam-momentum');
    const { rho, base } = reference.optimizer as Spec & { rho: number; base: Spec };
    const run = await runReference(reference, (_spec, context) => msam({ rho, cleanLoss: true, base }, context));
    expect(run.messages).toEqual([]);
    expect(Object.keys(run.worst)).toEqual(expect.arrayContaining(['loss', 'perturbedLoss']));
  });

  it('perturbs by exactly rho against the momentum, whatever the steps before', () => {
    const coordinate = fc.double({ min: -10, max: 10, noNaN: true }).filter((value) => Math.abs(value) > 1e-2);
    fc.assert(
      fc.property(coordinate, coordinate, fc.double({ min: 0.001, max: 2, noNaN: true }), (a, b, rho) => {
        const w = tf.variable(tf.tensor1d([a, b]));
        const optimizer = msam({ rho, base: { use: 'momentum', learningRate: 0.05, momentum: 0.7 } });
        passes(w, optimizer);
        const before = values(w);
        const [moved] = passes(w, optimizer) as [number[]];
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
    { use: 'sgd', learningRate: 0.1 },
    { use: 'adagrad', learningRate: 0.1 },
  ])('refuses the base $use by name, before anything changes', (base) => {
    const w = own(tf.variable(tf.tensor1d([3, 2])));
    const optimizer = own(msam({ base }));
    expect(() => optimizer.minimize(bowl(w), false, [w])).toThrow(
      expect.objectContaining({
        code: 'BASE_UNSUITABLE',
        message: expect.stringMatching(/msam.*momentum, adam/) as unknown as string,
      }),
    );
    expect(values(w)).toEqual([3, 2]);
  });
});
