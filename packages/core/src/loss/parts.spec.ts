import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { lossOfOutputs } from './batchLosses.js';
import type { LossFunction } from './loss.js';
import { alongOutputs } from './outputGradient.js';
import {
  optimizerOf,
  owner,
  plainOutcome,
  thrownBy,
  toySam,
  valuesOf,
  variablesOf,
  variantOf,
} from '../toys.fixture.js';
import type { SharpnessVariant, Step } from '../variant/variant.js';

const own = owner(afterEach);

/**
 * Sequences of numbers, filled up with zeros, of which each that is none counts alike: L = sum (w y - 1)^2 / tokens.
 */
function sequences(ids: number[][], w: tf.Variable, regularizer?: () => tf.Scalar) {
  const y = own(tf.tensor2d(ids));
  const counted = (given: tf.Tensor): tf.Tensor => tf.cast(tf.notEqual(given, 0), 'float32');
  const perExample = (outputs: tf.Tensor, given: tf.Tensor): tf.Tensor1D => {
    const counts = counted(given);
    const sums = tf.sum(tf.mul(tf.square(tf.sub(outputs, 1)), counts), 1);
    return tf.mul(sums, tf.div(given.shape[0], tf.maximum(tf.sum(counts), 1)));
  };
  return lossOfOutputs(
    (x) => tf.mul(x, w),
    perExample,
    y,
    y,
    regularizer,
    (given) => tf.sum(counted(given)),
  );
}

/** 3, 1, 0 and 2 tokens. */
const ids = [[1, 2, 3], [4, 0, 0], [0, 0, 0], [-1, 2, 0]]; // prettier-ignore
const weight = (): tf.Variable => variablesOf([0.5]).map(own)[0] as tf.Variable;

/** Where a step leads, and what it says of the loss. */
function stepped<S>(variant: SharpnessVariant<S>, lossOf: (w: tf.Variable) => LossFunction, settings: object) {
  const w = weight();
  const optimizer = own(optimizerOf(variant, { rho: 0.1, ...settings }));
  optimizer.minimize(lossOf(w), false, [w]);
  return [optimizer.lastStep.loss, w.dataSync()[0] as number] as const;
}

/**
 * What a variant sees of the batch beside its gradient: losses of the examples both ways, and the gradient by the
 * outputs.
 */
function seenOf(lossOf: (w: tf.Variable) => LossFunction, settings: object): number[][] {
  let seen: number[][] = [];
  const look = (step: Step<unknown>): void => {
    const offset = [tf.tensor1d([0.25])];
    const along = alongOutputs(step.loss, step.evaluateOutputGradient(), 'a test');
    const subset = step.loss.subset?.([3, 0, 3, 1]) as LossFunction;
    seen = valuesOf([
      step.evaluate({ perExample: true }).perExample as tf.Tensor,
      step.evaluatePerExample({ offset }),
      step.evaluateOutputGradient(),
      ...step.evaluate({ loss: along, updateStatistics: false }).gradient,
      ...step.evaluate({ loss: subset, offset, updateStatistics: false }).gradient,
      step.evaluate({ loss: subset, updateStatistics: false }).loss,
    ]);
  };
  stepped(variantOf((step) => (look(step), plainOutcome(step))), lossOf, settings); // prettier-ignore
  return seen;
}

const close = (actual: readonly number[], expected: readonly number[], tolerance = 2e-6): void => {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, i) =>
    expect(Math.abs(value - (expected[i] as number))).toBeLessThanOrEqual(tolerance * (1 + Math.abs(value))),
  );
};

describe('parts of a batch', () => {
  it('case 3: weigh by what the loss is the mean over, by hand', () => {
    // At w = 1/2: (-1/2)^2, 0, (1/2)^2 | 1 || (-3/2)^2, 0 over 6 tokens; d/dw: 2 y (w y - 1) = -1, 0, 3, 8, 3, 0.
    const [loss, w] = stepped(toySam, (v) => sequences(ids, v), { rho: 0, accumulate: 2 });
    expect(loss).toBeCloseTo((0.25 + 0.25 + 1 + 2.25) / 6, 6);
    expect(w).toBeCloseTo(0.5 - 0.1 * (13 / 6), 6);
    // By examples it would be the mean of 1.5 / 4 and 2.25 / 2.
    expect(Math.abs(loss - (0.375 + 1.125) / 2)).toBeGreaterThan(0.1);
  });

  it('case 3: of m-sharpness too: at radius 0 it is the step of the whole batch', () => {
    const whole = stepped(toySam, (v) => sequences(ids, v), { rho: 0 });
    close(
      stepped(toySam, (v) => sequences(ids, v), { rho: 0, microBatches: 3 }),
      whole,
    );
    close(
      stepped(toySam, (v) => sequences(ids, v), { rho: 0, microBatches: 2, accumulate: 2 }),
      whole,
    );
  });

  it('case 3: give what a variant looks at as the whole batch does', () => {
    const whole = seenOf((v) => sequences(ids, v, () => tf.sum(tf.square(v))), {});
    expect(whole[0]).toEqual([0.5, 1, 0, 2.25].map((sum) => expect.closeTo((sum * 4) / 6, 5)));
    for (const accumulate of [2, 3, 4]) {
      seenOf((v) => sequences(ids, v, () => tf.sum(tf.square(v))), { accumulate }).forEach((values, i) => close(values, whole[i] as number[])); // prettier-ignore
    }
  });

  it('case 3: are finite where no part has a token, and keep the regularizer', () => {
    const none = [[0, 0], [0, 0], [0, 0]]; // prettier-ignore
    const lossOf = (v: tf.Variable): LossFunction => sequences(none, v, () => tf.sum(tf.square(v)));
    const whole = stepped(toySam, lossOf, {});
    expect(whole[0]).toBeCloseTo(0.25, 6);
    close(stepped(toySam, lossOf, { accumulate: 3 }), whole);
    close(stepped(toySam, lossOf, { microBatches: 2 }), whole);
  });

  it('case 3: loss and weights are those of the whole batch for any sequences and parts', () => {
    const token = fc.oneof(
      { weight: 1, arbitrary: fc.constant(0) },
      { weight: 3, arbitrary: fc.integer({ min: -3, max: 3 }) },
    );
    const batches = fc
      .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 5 }))
      .chain(([rows, length]) =>
        fc.array(fc.array(token, { minLength: length, maxLength: length }), { minLength: rows, maxLength: rows }),
      );
    fc.assert(
      fc.property(batches, fc.integer({ min: 2, max: 10 }), (batch, accumulate) => {
        const lossOf = (v: tf.Variable): LossFunction => sequences(batch, v, () => tf.mul(0.1, tf.sum(tf.square(v))));
        const whole = stepped(toySam, lossOf, {});
        close(stepped(toySam, lossOf, { accumulate }), whole, 1e-5);
        const seen = seenOfAll(lossOf, {});
        seenOfAll(lossOf, { accumulate }).forEach((values, i) => close(values, seen[i] as number[], 1e-5));
      }),
      { numRuns: 30 },
    );
  });

  it.each([
    ['no size', {}, /part 0 of the loss has the size undefined/],
    ['a weight that is not a number', { size: 2, weight: () => NaN }, /part 0 of the loss has the weight NaN/],
    ['a weight below 0', { size: 2, weight: () => -1 }, /has the weight -1/],
    ['a weight that is not a scalar', { size: 2, weight: () => tf.ones([2]) }, /has the weight \[2\]/],
  ])('case 3: are refused where it is not known what they count: %s', (_, access, said) => {
    const lossOf = (v: tf.Variable): LossFunction => {
      const whole = (): tf.Scalar => tf.sum(tf.square(v));
      const split = (count: number) =>
        Array.from({ length: count }, () => Object.assign(() => whole(), access)) as LossFunction[];
      return Object.assign(whole, { size: 4, split });
    };
    for (const settings of [{ accumulate: 2 }, { microBatches: 2 }]) {
      const { code, message } = thrownBy(() => stepped(toySam, lossOf, settings));
      expect(code).toBe('LOSS_INVALID');
      expect(message).toMatch(said);
    }
  });

  it('evaluate a loss part by part where nothing is trained by it', () => {
    const rows: number[] = [];
    const w = weight();
    const y = own(tf.tensor2d(ids));
    const loss = lossOfOutputs((x) => (rows.push(x.shape[0]), tf.mul(x, w)), (out) => tf.sum(out, 1), y, y); // prettier-ignore
    const none = variantOf((step) => {
      const { loss: value, gradient } = step.evaluate({ only: [false], offset: [tf.tensor1d([0.5])] });
      expect(valuesOf([value, ...gradient])).toEqual([[expect.closeTo(11 / 4, 5)], [0]]);
      return plainOutcome(step);
    });
    own(optimizerOf(none, { accumulate: 2 })).minimize(loss, false, [w]);
    expect(new Set(rows)).toEqual(new Set([2]));
  });
});

/** Losses of the examples both ways. */
function seenOfAll(lossOf: (w: tf.Variable) => LossFunction, settings: object): number[][] {
  let seen: number[][] = [];
  const variant = variantOf((step) => {
    seen = valuesOf([step.evaluate({ perExample: true }).perExample as tf.Tensor, step.evaluatePerExample()]);
    return plainOutcome(step);
  });
  stepped(variant, lossOf, settings);
  return seen;
}
