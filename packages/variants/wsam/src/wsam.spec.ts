import { Bowl } from '@flatmin/conformance';
import type { Step, StepOutcome } from '@flatmin/core/plugin';
import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { wsam } from './plugin.js';
import { wsamVariant } from './wsam.js';

const { own, step, loss: bowl, dispose } = new Bowl();
afterEach(dispose);
const values = (tensor: tf.Tensor): number[] => Array.from(tensor.dataSync());
/** At learning rate 1 the step is the final gradient. */
const sgd = { use: 'sgd', learningRate: 1 };

const coordinate = fc.double({ min: 0.1, max: 5, noNaN: true });
const runs = { numRuns: 25, seed: 1 };

/** A step by hand, without an engine: the gradient of the bowl at (3, 2) plus the offset. */
function bareStep(rho: number): Step<unknown> {
  const evaluate: Step<unknown>['evaluate'] = (at) => ({
    loss: tf.scalar(8.5),
    gradient: [tf.mul(tf.add(tf.tensor1d([3, 2]), at?.offset?.[0] ?? 0), [1, 2])],
  });
  const rates = { learningRate: tf.scalar(1), learningRateValue: 1 };
  return { evaluate, radius: tf.scalar(rho), state: {}, ...rates } as Partial<Step<unknown>> as Step<unknown>;
}

describe('wsam', () => {
  it('descends g + a (gp - g), whichever way, under plain SGD', () => {
    fc.assert(
      fc.property(
        coordinate,
        coordinate,
        fc.double({ min: 0, max: 0.95, noNaN: true }),
        fc.boolean(),
        (x, y, gamma, decouple) => {
          const { clean, perturbed, taken } = step(own(wsam({ rho: 0.5, gamma, decouple, base: sgd })), [x, -y]);
          const a = gamma / (1 - gamma);
          taken.forEach((value, i) => {
            const [g, gp] = [clean[i] as number, perturbed[i] as number];
            expect(Math.abs(value - (g + a * (gp - g)))).toBeLessThan(2e-5 * (1 + a) * 10);
          });
        },
      ),
      runs,
    );
  });

  it('is SAM at gamma 0.5', () => {
    for (const decouple of [true, false]) {
      const { perturbed, taken } = step(own(wsam({ rho: 0.5, gamma: 0.5, decouple, base: sgd })), [3, 2]);
      taken.forEach((value, i) => expect(value).toBeCloseTo(perturbed[i] as number, 5));
    }
  });

  it('takes the sharpness term at the learning rate that the base has now, past its momentum', () => {
    // Momentum gives g in its first step. At rate 0.1, then 0.5: from (3, 2) with g = (3, 4), gp - g = (0.3, 0.8), a =
    // 3.
    const optimizer = own(wsam({ rho: 0.5, gamma: 0.75, base: { use: 'momentum', learningRate: 0.1, momentum: 0.9 } }));
    optimizer.learningRate = 0.5;
    const { taken } = step(optimizer, [3, 2]);
    expect(taken).toEqual([expect.closeTo(0.5 * (3 + 0.9), 5), expect.closeTo(0.5 * (4 + 2.4), 5)]);
  });

  it('refuses a base without a learning rate before anything moves', () => {
    class Rateless extends tf.SGDOptimizer {
      constructor() {
        super(0.1);
        delete (this as unknown as { learningRate?: number }).learningRate;
      }
    }
    const base = own(new Rateless());
    const w = own(tf.variable(tf.tensor1d([3, 2])));
    expect(() => own(wsam({ base })).minimize(bowl(w), false, [w])).toThrow(/wsam with decouple.*learningRate/s);
    expect(values(w)).toEqual([3, 2]);
    own(wsam({ base: own(new Rateless()), decouple: false })).minimize(bowl(w), false, [w]);
    expect(values(w)).not.toEqual([3, 2]);
  });

  it('tells LETS the derivative of its step by rho', () => {
    tf.tidy(() => {
      const variant = wsamVariant({ gamma: 0.75, decouple: false });
      const [at, beyond] = [0.5, 0.7].map((rho) => variant.estimate(bareStep(rho))) as [
        StepOutcome<unknown>,
        StepOutcome<unknown>,
      ];
      // H d = (1, 2) * (3, 4) / 5 on the bowl, where the difference of two steps is exact.
      const change = values(tf.sub(beyond.gradient?.[0] as tf.Tensor, at.gradient?.[0] as tf.Tensor));
      expect(at.ascent?.factor).toBe(3);
      expect(change).toEqual([expect.closeTo(0.2 * 3 * 0.6, 5), expect.closeTo(0.2 * 3 * 1.6, 5)]);
      const decoupled = wsamVariant({ gamma: 0.75, decouple: true }).estimate(bareStep(0.5));
      expect(decoupled.ascent?.factor).toBe(3);
    });
  });

  it.each([
    [{ gamma: 1 }, /gamma.*got 1/s],
    [{ gamma: Number.NaN }, /gamma/],
    [{ decouple: 'yes' }, /decouple/],
  ])('refuses %o', (options, message) => {
    expect(() => wsam({ ...options, base: sgd } as Parameters<typeof wsam>[0])).toThrow(message);
  });
});
