import { isFlatminError } from '@flatmin/core';
import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { requireConvolutions } from './checks.js';
import { chain, convolution, relu } from './convolution.js';
import { assign, disposeAll, expectClose, freshWeights, onWasm } from './testing.fixture.js';

afterEach(disposeAll);

const counting = (side: number): tf.Tensor4D =>
  tf.tensor4d(Array.from({ length: side * side }, (_, i) => i + 1), [1, side, side, 1]); // prettier-ignore

describe('convolution', () => {
  const sums = (size: number, stride: number) => {
    const weights = freshWeights();
    const layer = convolution(weights, { inputs: 1, outputs: 1, size, stride });
    assign(weights, { kernel: new Array<number>(size * size).fill(1) });
    return (x: tf.Tensor4D) => layer(x, false);
  };

  it.each([
    // 1 2 3 / 4 5 6 / 7 8 9, and sums of what is around each: 1 + 2 + 4 + 5 = 12, ...
    [3, 3, 1, [12, 21, 16, 27, 45, 33, 24, 39, 28]],
    [3, 3, 2, [12, 16, 24, 28]],
    // 1 to 16: the windows are around 1, 3, 9, 11. TensorFlow's 'same' would put them around 6, 8, 14, 16: 54, ...
    [4, 3, 2, [14, 30, 57, 99]],
    [4, 1, 2, [1, 3, 9, 11]],
  ])('pads a side of %d evenly: %dx, stride %d', (side, size, stride, expected) => {
    tf.tidy(() => {
      const y = sums(size, stride)(counting(side));
      expect(y.shape).toEqual([1, Math.ceil(side / stride), Math.ceil(side / stride), 1]);
      expectClose(y, expected);
    });
  });

  (onWasm ? it.skip : it)('has the gradients of its padding', () => {
    tf.tidy(() => {
      const weights = freshWeights();
      const layer = convolution(weights, { inputs: 1, outputs: 1, size: 3, stride: 2 });
      assign(weights, { kernel: [1, 2, 3, 4, 5, 6, 7, 8, 9] });
      const { grads } = tf.variableGrads(() => tf.sum<tf.Scalar>(layer(counting(4), true)));
      // What each tap sees in the four windows, around 1, 3, 9, 11: the first only 6, the middle one 1 + 3 + 9 + 11,
      // the last all of 6, 8, 14, 16.
      expectClose(Object.values(grads)[0] as tf.Tensor, [6, 12, 14, 12, 24, 28, 20, 40, 44]);
    });
  });

  it('starts by He for its outputs', () => {
    const weights = freshWeights();
    convolution(weights, { inputs: 40, outputs: 30, size: 3 });
    const values = (weights.all[0] as tf.Variable).dataSync<'float32'>();
    const variance = values.reduce((sum, value) => sum + value * value, 0) / values.length;
    // 10,800 numbers: the standard error of the variance is 1.4 percent.
    expect(Math.abs(variance / (2 / (9 * 30)) - 1)).toBeLessThan(0.06);
  });
});

it('chain goes through layers in order, and tells each of training', () => {
  const seen: boolean[] = [];
  const plusOne = (x: tf.Tensor4D, training: boolean) => (seen.push(training), tf.add<tf.Tensor4D>(x, 1));
  tf.tidy(() => expectClose(chain(plusOne, relu)(tf.tensor4d([-3, 2], [1, 1, 2, 1]), true), [0, 3]));
  expect(seen).toEqual([true]);
});

describe('requireConvolutions', () => {
  const attempt = (): unknown => {
    try {
      return requireConvolutions('net');
    } catch (error) {
      return error;
    }
  };

  it(onWasm ? 'refuses wasm, naming it and the remedy' : 'is content', () => {
    const outcome = attempt();
    expect(isFlatminError(outcome)).toBe(onWasm);
    if (!isFlatminError(outcome)) return;
    expect(outcome.code).toBe('RUN_INVALID');
    expect(outcome.message).toMatch(/net trains.*"wasm" has no Conv2DBackpropFilter.*loadBackend\('tensorflow'\)/);
  });
});
