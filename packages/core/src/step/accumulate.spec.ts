import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { lossOfBatch } from '../loss/batchLosses.js';
import { type LossFunction } from '../loss/loss.js';
import {
  optimizerOf,
  owner,
  plainOutcome,
  quadratic,
  thrownBy,
  toySam,
  valuesOf,
  variablesOf,
  variantOf,
} from '../toys.fixture.js';
import type { Step } from '../variant/variant.js';

const own = owner(afterEach);

/** Losses 1/2 (w - x)^2 of five examples; remembers how many rows each pass had. */
function watched(w: tf.Variable): { loss: LossFunction; rows: number[] } {
  const x = own(tf.tensor1d([0, 1, 5, -2, 3]));
  const rows: number[] = [];
  const perExample = (part: tf.Tensor1D): tf.Tensor1D => {
    rows.push(part.shape[0]);
    return tf.mul<tf.Tensor1D>(0.5, tf.square(tf.sub(w, part)));
  };
  return { loss: lossOfBatch(perExample, x, x), rows };
}

const scalar = (value: number): tf.Variable => own(variablesOf(value)[0] as tf.Variable);

/** One step in which a test looks at what the engine gives a variant. */
function inStep(look: (step: Step<unknown>) => void, loss: LossFunction, w: tf.Variable, accumulate = 2): void {
  const variant = variantOf((step) => (look(step), plainOutcome(step)));
  own(optimizerOf(variant, { accumulate })).minimize(loss, false, [w]);
}

describe('exampleWeights of an evaluation', () => {
  it.each([1, 2, 3])('make it that of the mean of w_i l_i, also in %i micro-batches', (accumulate) => {
    const w = scalar(2);
    const { loss } = watched(w);
    inStep(
      ({ evaluate }) => {
        const exampleWeights = tf.tensor1d([1, 0, 2, 0.5, 1]);
        const clean = evaluate({ exampleWeights, perExample: true });
        expect(clean.loss.dataSync()[0]).toBeCloseTo(3.1, 6);
        expect(valuesOf(clean.gradient)[0]).toEqual([expect.closeTo(-0.6, 6)]);
        expect([...((clean.perExample as tf.Tensor1D).dataSync() as Float32Array)]).toEqual([2, 0, 9, 4, 0.5]);
        expect(valuesOf(evaluate({ exampleWeights, offset: [tf.scalar(0.5)] }).gradient)[0]).toEqual([
          expect.closeTo(-0.15, 6),
        ]);
        // The loss without factors is remembered apart from it.
        expect(valuesOf(evaluate().gradient)[0]).toEqual([expect.closeTo(0.6, 6)]);
      },
      loss,
      w,
      accumulate,
    );
  });

  it('are refused by name where there is not one for each example, or the loss takes none', () => {
    const w = scalar(2);
    const { loss } = watched(w);
    const step = (on: LossFunction, of: () => tf.Tensor1D) => () =>
      inStep(({ evaluate }) => void evaluate({ exampleWeights: of() }), on, w, 1);
    expect(thrownBy(step(loss, () => tf.tensor1d([1, 2])))).toMatchObject({
      code: 'LOSS_INVALID',
      message: expect.stringMatching(/weights of the examples have shape \[2\] for 5 examples/) as unknown,
    });
    expect(thrownBy(step(quadratic(w), () => tf.tensor1d([1])))).toMatchObject({
      code: 'BATCH_ACCESS_MISSING',
      message: expect.stringMatching(/exampleWeights needs loss.weighted\(\)/) as unknown,
    });
    expect(w.dataSync()[0]).toBe(2);
  });
});

describe('accumulate', () => {
  it('takes both passes of the whole batch over the same micro-batches, by hand', () => {
    // The gradient at w = 2 is 2 - 7/5 = 0.6, the offset +0.5, the gradient there 1.1.
    const w = scalar(2);
    const { loss, rows } = watched(w);
    const optimizer = own(optimizerOf(toySam, { rho: 0.5, accumulate: 2 }));
    optimizer.minimize(loss, false, [w]);
    expect(w.dataSync()[0]).toBeCloseTo(2 - 0.11, 6);
    expect(rows).toEqual([3, 2, 3, 2]);
    expect(optimizer.lastStep.gradientEvaluations).toBe(4);
    expect(optimizer.lastStep.loss).toBeCloseTo((4 + 1 + 9 + 16 + 1) / 10, 6);
  });

  it('never sees the whole batch, not even to find the variables', () => {
    const w = scalar(2);
    const other = scalar(1);
    const { loss, rows } = watched(w);
    const optimizer = own(optimizerOf(toySam, { accumulate: 5 }));
    optimizer.minimize(loss);
    expect(new Set(rows)).toEqual(new Set([1]));
    expect(optimizer.lastStep.gradientEvaluations).toBe(10);
    expect(other.dataSync()[0]).toBe(1);
  });

  it('takes no more micro-batches than there are examples', () => {
    const w = scalar(2);
    const { loss, rows } = watched(w);
    own(optimizerOf(toySam, { accumulate: 8 })).minimize(loss, false, [w]);
    expect(rows).toEqual(Array.from({ length: 10 }, () => 1));
  });

  it('gives the losses of all examples, beside a gradient and alone', () => {
    const w = scalar(2);
    const { loss } = watched(w);
    const each = [2, 0.5, 4.5, 8, 0.5];
    inStep(
      ({ evaluate, evaluatePerExample }) => {
        expect(valuesOf([evaluate({ perExample: true }).perExample as tf.Tensor])).toEqual([each]);
        expect(valuesOf([evaluatePerExample()])).toEqual([each]);
        const offset = [tf.scalar(1)];
        expect(valuesOf([evaluate({ offset, perExample: true }).perExample as tf.Tensor])[0]).toEqual(
          valuesOf([evaluatePerExample({ offset })])[0],
        );
      },
      loss,
      w,
    );
  });

  it('adds the regularizer once, and passes on what a part does not depend on', () => {
    const w = scalar(2);
    const scale = scalar(3);
    const x = own(tf.tensor1d([1, 2]));
    // Only the second half depends on `scale`.
    const perExample = (rows: tf.Tensor1D): tf.Tensor1D =>
      tf.mul(rows, (rows.dataSync()[0] as number) > 1 ? tf.mul(w, scale) : (w as unknown as tf.Tensor));
    const loss = lossOfBatch(perExample, x, x, () => tf.square(w as unknown as tf.Scalar));
    own(
      optimizerOf(
        variantOf((step) => plainOutcome(step)),
        { accumulate: 2 },
      ),
    ).minimize(loss, false, [w, scale]);
    // d/dw: (1 + 2 3) / 2 + 2 w = 7.5; d/dscale: 2 w / 2 = 2.
    expect(w.dataSync()[0]).toBeCloseTo(2 - 0.75, 6);
    expect(scale.dataSync()[0]).toBeCloseTo(3 - 0.2, 6);
  });

  it('lets a loss held out of training come whole', () => {
    const w = scalar(2);
    const { loss } = watched(w);
    inStep(
      ({ evaluate }) => {
        const heldOut = evaluate({ loss: quadratic(w), updateStatistics: false });
        expect(valuesOf(heldOut.gradient)).toEqual([[2]]);
      },
      loss,
      w,
    );
  });

  it('holds the memory of one micro-batch: peak bytes fall with the parts', () => {
    const w = own(tf.variable(tf.ones([2, 64])));
    const x: tf.Tensor2D = own(tf.ones([512, 2]));
    const perExample = (rows: tf.Tensor2D): tf.Tensor1D =>
      tf.sum(tf.square(tf.matMul(rows, w as unknown as tf.Tensor2D)), 1);
    const peak = (accumulate: number): number => {
      let most = 0;
      const watch = lossOfBatch(
        (rows: tf.Tensor2D) => {
          const losses = perExample(rows);
          most = Math.max(most, tf.memory().numBytes);
          return losses;
        },
        x,
        x,
      );
      own(optimizerOf(toySam, { accumulate })).minimize(watch, false, [w]);
      return most;
    };
    const before = tf.memory().numBytes;
    const [whole, cut] = [peak(1) - before, peak(8) - before];
    expect(cut).toBeLessThan(whole / 4);
  });

  it('needs a loss with parts', () => {
    const w = scalar(2);
    const optimizer = own(optimizerOf(toySam, { accumulate: 2 }));
    const { code, message } = thrownBy(() => optimizer.minimize(quadratic(w), false, [w]));
    expect(code).toBe('BATCH_ACCESS_MISSING');
    expect(message).toMatch(/accumulate needs loss\.split/);
  });

  it('is refused by name where it is not a whole number from 1', () => {
    expect(thrownBy(() => optimizerOf(toySam, { accumulate: 0 })).message).toMatch(
      /accumulate: .*a whole number of at least 1/,
    );
  });
});
