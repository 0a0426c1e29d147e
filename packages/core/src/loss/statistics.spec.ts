import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { LossFunction } from './loss.js';
import {
  heldBy,
  optimizerOf,
  plainOutcome,
  quadratic,
  thrownBy,
  toySam,
  valuesOf,
  variableOf,
  variantOf,
} from '../toys.fixture.js';

/** A loss that moves a statistic as batch normalization does: m <- m / 2 + w, with another weight each time. */
function setup() {
  const w = variableOf([3, 4]);
  const statistic = tf.variable(tf.tensor1d([8, 8]), false);
  const moving =
    (loss: LossFunction = quadratic(w)): LossFunction =>
    () => {
      statistic.assign(tf.add(tf.mul(statistic as tf.Tensor, 0.5), w));
      return loss();
    };
  const now = (): number[] => valuesOf([statistic])[0] as number[];
  return { w, statistic, moving, now };
}

describe('statistics', () => {
  it('are as the clean pass left them, however many passes there were', () => {
    const { w, moving, now } = setup();
    optimizerOf(toySam).minimize(moving(), false, [w]);
    expect(now()).toEqual([4 + 3, 4 + 4]); // Once, at theta; twice, or at theta + offset, would be other numbers.
  });

  it('are moved once where the variables had to be found', () => {
    const { w, moving, now } = setup();
    const optimizer = optimizerOf(toySam);
    optimizer.minimize(moving());
    expect(now()).toEqual([7, 8]);
    expect(valuesOf([w])[0]?.[0]).toBeLessThan(3);
    expect(optimizer.lastStep.gradientEvaluations).toBe(2);
  });

  it('are moved by the clean pass of each part of the batch', () => {
    const { w, moving, now } = setup();
    const parts = [moving(), moving()];
    const variant = variantOf((step) => {
      for (const loss of parts) {
        step.evaluate({ loss });
        step.evaluate({ loss, offset: step.weights });
      }
      return { ...step.evaluate({ loss: parts[1] as LossFunction }), state: step.state };
    });
    optimizerOf(variant).minimize(quadratic(w), false, [w]);
    expect(now()).toEqual([0.5 * 7 + 3, 0.5 * 8 + 4]);
  });

  it('are not moved by held-out data, nor by losses per example, nor in afterUpdate', () => {
    const { w, moving, now } = setup();
    const variant = variantOf(
      (step) => {
        step.evaluate({ loss: moving(), updateStatistics: false });
        step.evaluatePerExample();
        return plainOutcome(step);
      },
      {
        afterUpdate: ({ evaluate, state }) => {
          evaluate({ loss: moving() });
          evaluate({ loss: moving(), offset: [tf.tensor1d([1, 1])] });
          return { state };
        },
      },
    );
    const loss = Object.assign(quadratic(w), { perExample: () => (moving()(), tf.tensor1d([1])) });
    optimizerOf(variant).minimize(loss, false, [w]);
    expect(now()).toEqual([8, 8]);
  });

  it('survive a first pass inside the tidy of a variant', () => {
    const { w, moving, now } = setup();
    const variant = variantOf((step) => {
      tf.tidy(() => void step.evaluate());
      return toySam.estimate(step);
    });
    optimizerOf(variant).minimize(moving(), false, [w]);
    expect(now()).toEqual([7, 8]);
  });

  it('are as before a step that throws: in a pass, in the search for variables, in the base, by the guard', () => {
    const { w, moving, statistic, now } = setup();
    const before = heldBy(statistic);
    const failing = (calls: number): LossFunction => {
      let called = 0;
      return moving(() => {
        if (++called === calls) throw new Error('pass');
        return quadratic(w)();
      });
    };
    const sam = optimizerOf(toySam);
    expect(() => sam.minimize(failing(1), false, [w])).toThrow('pass');
    expect(() => sam.minimize(failing(2), false, [w])).toThrow('pass');
    expect(() => sam.minimize(failing(1))).toThrow('pass');
    const wrongShape = variantOf((step) => ({ ...plainOutcome(step), gradient: [tf.zeros([3])] }));
    expect(() => optimizerOf(wrongShape).minimize(moving(), false, [w])).toThrow();
    const infinite = moving(() => tf.mul(quadratic(w)(), Infinity));
    const guarded = optimizerOf(toySam, { guard: true });
    expect(thrownBy(() => guarded.minimize(infinite, false, [w])).code).toBe('NON_FINITE');
    expect(now()).toEqual([8, 8]);
    expect(heldBy(statistic)).toEqual(before);
    expect(valuesOf([w])).toEqual([[3, 4]]);
  });

  it('run extra passes, and only those, through what an adapter attached', () => {
    const { w } = setup();
    const passes: number[] = [];
    let metrics = 0;
    const optimizer = optimizerOf(toySam).attach({
      extraPass: (pass) => {
        const before = metrics;
        const result = pass();
        passes.push(metrics - before);
        return result;
      },
    });
    optimizer.minimize(() => (metrics++, quadratic(w)()), false, [w]);
    expect(metrics).toBe(2);
    expect(passes).toEqual([1]);
  });

  it('keep the slots of a foreign base, which are not statistics', () => {
    const { w } = setup();
    const slot = tf.variable(tf.scalar(0), false);
    class Counting extends tf.Optimizer {
      static get className(): string {
        return 'Counting';
      }
      applyGradients(): void {
        slot.assign(tf.add<tf.Scalar>(slot, 1));
      }
      getConfig(): tf.serialization.ConfigDict {
        return {};
      }
    }
    const updating = variantOf(plainOutcome, {
      afterUpdate: ({ evaluate, state }) => (evaluate({ loss: quadratic(w) }), { state }),
    });
    const optimizer = optimizerOf(updating, { base: new Counting() });
    for (let i = 0; i < 3; i++) optimizer.minimize(quadratic(w), false, [w]);
    expect(valuesOf([slot])).toEqual([[3]]);
  });
});
