import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { lossOfBatch, lossOfOutputs } from './batchLosses.js';
import type { LossFunction } from './loss.js';
import { optimizerOf, owner, thrownBy, toySam, valuesOf, variablesOf } from '../toys.fixture.js';

const own = owner(afterEach);

/** y = 2 x in four rows, and a weight to find it with. */
function line() {
  const [w] = variablesOf([1.5]).map(own) as [tf.Variable];
  const x = own(tf.tensor2d([1, 2, -1, 3], [4, 1]));
  const y = own(tf.tensor1d([2, 4, -2, 6]));
  const predict = (rows: tf.Tensor): tf.Tensor2D => tf.matMul(rows, tf.reshape(w, [1, 1]));
  return { w, x, y, predict };
}

/** The error of a step with this loss, which has left the weights as they were. */
function refused(loss: LossFunction, w: tf.Variable): { code: string; message: string } {
  const optimizer = own(optimizerOf(toySam));
  const { code, message } = thrownBy(() => optimizer.minimize(loss, false, [w]));
  expect(valuesOf([w])).toEqual([[1.5]]);
  return { code, message };
}

describe('losses of a batch', () => {
  const square = (a: tf.Tensor, b: tf.Tensor) => tf.square<tf.Tensor1D>(tf.sub(a, b));

  it('case 2: predictions [N, 1] against targets [N] are refused, with all shapes', () => {
    const { w, x, y, predict } = line();
    const batch = refused(
      lossOfBatch((a, b) => square(predict(a), b), x, y),
      w,
    );
    const outputs = refused(lossOfOutputs(predict, square, x, y), w);
    expect(batch.code).toBe('LOSS_INVALID');
    for (const { message } of [batch, outputs])
      expect(message).toMatch(/\[4\] and \[4, 1\] were broadcast to \[4, 4\]/);
  });

  it.each([
    ['subtracted', square],
    ['squared at once', (a: tf.Tensor, b: tf.Tensor) => tf.squaredDifference(a, b)],
    ['cast before', (a: tf.Tensor, b: tf.Tensor) => square(a, tf.cast(tf.mul(b, 1), 'float32'))],
  ])('case 2: a mean does not hide the broadcast: %s', (_, difference) => {
    const { w, x, y, predict } = line();
    const hidden = (a: tf.Tensor, b: tf.Tensor): tf.Tensor1D => tf.mean(difference(a, b), 1);
    for (const loss of [lossOfBatch((a, b) => hidden(predict(a), b), x, y), lossOfOutputs(predict, hidden, x, y)]) {
      expect(refused(loss, w).message).toMatch(/were broadcast to \[4, 4\]/);
    }
  });

  it('case 2: targets of the shape of the predictions are not in the way', () => {
    const { w, x, y, predict } = line();
    const reshaped = (a: tf.Tensor, b: tf.Tensor): tf.Tensor1D => square(tf.reshape(a, [-1]), b);
    const optimizer = own(optimizerOf(toySam, { rho: 0 }));
    optimizer.minimize(lossOfOutputs(predict, reshaped, x, y), false, [w]);
    // d/dw mean (w x - y)^2 = 2 mean x^2 (w - 2) = 2 x 15/4 x -0.5.
    expect(w.dataSync()[0]).toBeCloseTo(1.5 + 0.1 * 3.75, 5);
  });

  it.each([
    ['a mean of its own', (losses: tf.Tensor) => tf.mean(losses), /have shape \[\] for/],
    ['one number too few', (losses: tf.Tensor) => tf.slice(losses, 0, 3), /have shape \[3\] for/],
    ['an axis too many', (losses: tf.Tensor) => tf.reshape(losses, [-1, 1]), /have shape \[4, 1\] for/],
    ['a number', () => 3 as unknown as tf.Tensor, /are 3, not a tensor, for/],
  ])('case 2: what is not a loss for each example is refused: %s', (_, of, said) => {
    const { w, x, y, predict } = line();
    const perExample = (a: tf.Tensor, b: tf.Tensor) => of(square(tf.reshape(a, [-1]), b)) as tf.Tensor1D;
    const batch = refused(
      lossOfBatch((a, b) => perExample(predict(a), b), x, y),
      w,
    );
    const outputs = refused(lossOfOutputs(predict, perExample, x, y), w);
    expect([batch.code, outputs.code]).toEqual(['LOSS_INVALID', 'LOSS_INVALID']);
    expect(batch.message).toMatch(said);
    expect(batch.message).toMatch(/x of shape \[4, 1\] and y of shape \[4\]\. Return one loss for each example, \[4\]/);
    expect(outputs.message).toMatch(/outputs of shape \[4, 1\] and y of shape \[4\]/);
  });

  it.each([
    ['other rows', [3, 1], [4]],
    ['no rows', [0, 2], [0]],
    ['x without rows', [], [4]],
    ['y without rows', [4, 1], []],
  ])('case 2: x and y of %s are refused when the loss is made', (_, ofX, ofY) => {
    const [x, y] = [own(tf.ones(ofX)), own(tf.ones(ofY))];
    const { code, message } = thrownBy(() => lossOfBatch(() => tf.tensor1d([1]), x, y));
    expect(code).toBe('LOSS_INVALID');
    expect(message).toContain(`x of shape [${ofX.join(', ')}] and y of shape [${ofY.join(', ')}]`);
  });

  it('case 2: losses per example of a loss of somebody else are looked at too', () => {
    const { w } = line();
    const whole = (): tf.Scalar => tf.sum(tf.square(w));
    for (const shape of [[4, 4], [3], []]) {
      const perExample = () => tf.ones<tf.Rank.R1>(shape as [number]);
      const loss = Object.assign(() => whole(), { size: 4, perExample });
      const optimizer = own(
        optimizerOf({ ...toySam, estimate: (step) => (step.evaluatePerExample(), toySam.estimate(step)) }),
      );
      const { message } = thrownBy(() => optimizer.minimize(loss, false, [w]));
      expect(message).toContain(`the losses per example have shape [${shape.join(', ')}] for 4 examples`);
    }
  });

  it('case 2: a model without a row of outputs for each example has no gradient by its outputs', () => {
    const { w, x, y, predict } = line();
    const flat = (a: tf.Tensor): tf.Tensor => tf.reshape(predict(a), [2, -1]);
    const loss = lossOfOutputs(flat, (a, b) => square(tf.reshape(a, [-1]), b), x, y);
    const optimizer = own(
      optimizerOf({ ...toySam, estimate: (step) => (step.evaluateOutputGradient(), toySam.estimate(step)) }),
    );
    const { message } = thrownBy(() => optimizer.minimize(loss, false, [w]));
    expect(message).toMatch(/outputs of shape \[2, 2\] for x of shape \[4, 1\]/);
  });
});

describe('what a loss knows of its examples', () => {
  const square = (a: tf.Tensor, b: tf.Tensor) => tf.square<tf.Tensor1D>(tf.sub(tf.reshape(a, [-1]), b));

  it('is their classes, where it was told how to find them, also of some of them', () => {
    const { x, y, predict } = line();
    const loss = lossOfOutputs(predict, square, x, y, undefined, undefined, (b) => tf.cast(tf.greater(b, 3), 'int32'));
    tf.tidy(() => {
      expect([...(loss.labels?.().dataSync() ?? [])]).toEqual([0, 1, 0, 1]);
      expect([...(loss.subset([3, 0]).labels?.().dataSync() ?? [])]).toEqual([1, 0]);
      expect('labels' in lossOfOutputs(predict, square, x, y)).toBe(false);
    });
  });

  it('is a factor of each, in every access: the whole, parts, some, and by the outputs', () => {
    const { x, y, predict } = line();
    tf.tidy(() => {
      // (1.5 x - 2 x)^2 = x^2 / 4.
      const factors = tf.tensor1d([4, 0, 8, 4]);
      const loss = lossOfOutputs(predict, square, x, y, () => tf.scalar(1)).weighted(factors);
      const valueOf = (of: () => tf.Scalar): number => of().dataSync()[0] as number;
      expect(valueOf(loss)).toBeCloseTo((1 + 2 + 9) / 4 + 1, 6);
      expect(loss.split?.(2).map(valueOf)).toEqual([expect.closeTo(1.5, 6), expect.closeTo(11 / 2 + 1, 6)]);
      expect(valueOf(loss.subset?.([3, 3, 1]) as LossFunction)).toBeCloseTo(18 / 3 + 1, 6);
      const through = loss.throughOutputs?.();
      expect(through?.loss(through.outputs()).dataSync()[0]).toBeCloseTo(3, 6);
      expect(valueOf(loss.weighted?.(tf.tensor1d([1, 1, 0.5, 0])) as LossFunction)).toBeCloseTo((1 + 1) / 4 + 1, 6);
    });
  });

  it('is looked at again through its tensors, also of another size, in parts, and with factors', () => {
    const { y, x, predict } = line();
    tf.tidy(() => {
      const valueOf = (of: () => tf.Scalar): number => of().dataSync()[0] as number;
      const loss = lossOfOutputs(predict, square, x, y, () => tf.scalar(1));
      const through = loss.throughBatch();
      expect(Object.keys(through.batch)).toEqual(['x', 'y']);
      const other = { x: tf.slice(x, 1, 2), y: tf.slice(y, 1, 2) };
      expect(valueOf(through.loss(other))).toBeCloseTo((4 + 1) / 8 + 1, 6);
      expect(through.loss(other).split?.(2).map(valueOf)).toEqual([expect.closeTo(2, 6), expect.closeTo(1.25, 6)]);
      const weighted = loss.weighted(tf.tensor1d([4, 0, 8, 4])).throughBatch?.();
      expect(Object.keys(weighted?.batch ?? {})).toEqual(['x', 'y', 'factors']);
      // The last batch had factors, this one has none: those of the last hold.
      expect(valueOf(through.loss(weighted?.batch ?? {}))).toBeCloseTo((1 + 2 + 9) / 4 + 1, 6);
      expect(valueOf(weighted?.loss(other) as LossFunction)).toBeCloseTo((4 + 1) / 8 + 1, 6);
    });
  });
});
