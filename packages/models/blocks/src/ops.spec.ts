import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { causalMask, crossAttention, selfAttention } from './attention.js';
import { batchNorm } from './batchNorm.js';
import { convolution } from './convolution.js';
import { embedding } from './embedding.js';
import { gelu } from './gelu.js';
import { layerNorm } from './layerNorm.js';
import { linear } from './linear.js';
import { normal } from './initializers.js';
import { disposeAll, freshWeights, onNative, opsOf } from './testing.fixture.js';

/** Ops forward, and those that the gradient by input and weights adds. */
function cost(layer: (x: tf.Tensor) => tf.Tensor, shape: readonly number[]): [number, number] {
  const x = tf.variable(tf.ones([...shape]));
  const whole = opsOf(() => tf.variableGrads(() => tf.sum<tf.Scalar>(layer(x))));
  const forward = opsOf(() => layer(x));
  const y = tf.variable(tf.tidy(() => tf.ones(layer(x).shape)));
  const ofSum = opsOf(() => tf.variableGrads(() => tf.sum<tf.Scalar>(y), [y]));
  tf.dispose([x, y]);
  disposeAll();
  return [forward, whole - forward - ofSum];
}

const initial = normal(0.1);
const convolutionOf = (size: number, stride: number) => {
  const layer = convolution(freshWeights(), { inputs: 4, outputs: 8, size, stride });
  return cost((x) => layer(x as tf.Tensor4D, true), [2, 6, 6, 4]);
};

(onNative ? describe : describe.skip)('ops of the native backend, forward and backward', () => {
  it('convolution', () => {
    expect([convolutionOf(3, 1), convolutionOf(3, 2), convolutionOf(1, 2)]).toEqual([
      [1, 2],
      [2, 3],
      [1, 3],
    ]);
  });

  it('batchNorm, in training and otherwise', () => {
    const layer = batchNorm(freshWeights(), 4);
    expect(cost((x) => layer(x as tf.Tensor4D, true), [2, 6, 6, 4])).toEqual([8, 1]);
    const still = batchNorm(freshWeights(), 4);
    expect(cost((x) => still(x as tf.Tensor4D, false), [2, 6, 6, 4])).toEqual([2, 19]);
  });

  it('layerNorm', () => {
    const layer = layerNorm(freshWeights(), 6);
    expect(cost((x) => layer(x as tf.Tensor2D), [4, 6])).toEqual([11, 13]);
  });

  it('linear', () => {
    const layer = linear(freshWeights(), { inputs: 6, outputs: 3, initial });
    expect(cost((x) => layer(x as tf.Tensor2D), [4, 6])).toEqual([2, 5]);
  });

  it('selfAttention', () => {
    const layer = selfAttention(freshWeights(), { width: 6, heads: 2, initial });
    expect(cost((x) => layer({ rows: x as tf.Tensor2D, batch: 2, length: 3 }), [6, 6])).toEqual([13, 25]);
    const masked = selfAttention(freshWeights(), { width: 6, heads: 2, initial });
    const mask = causalMask(3);
    expect(cost((x) => masked({ rows: x as tf.Tensor2D, batch: 2, length: 3 }, { mask }), [6, 6])[0]).toBe(14);
    mask.dispose();
  });

  it('crossAttention, of a sequence to itself', () => {
    const { keysAndValues, attend } = crossAttention(freshWeights(), { width: 6, heads: 2, initial });
    const layer = (x: tf.Tensor) => {
      const sequences = { rows: x as tf.Tensor2D, batch: 2, length: 3 };
      return attend(sequences, keysAndValues(sequences));
    };
    expect(cost(layer, [6, 6])).toEqual([17, 33]);
  });

  it('embedding', () => {
    const layer = embedding(freshWeights(), { count: 4, width: 3, initial });
    const ids = tf.tensor1d([1, 2, 1], 'int32');
    // The product with x is one op forward and two backward, by x and by the rows.
    expect(cost((x) => tf.mul(layer.lookUp(ids), x), [3, 3])).toEqual([3, 9]);
    ids.dispose();
  });

  it('gelu', () => {
    expect(cost(gelu, [4, 6])).toEqual([5, 7]);
  });
});
