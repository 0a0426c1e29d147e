import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { gelu } from './gelu.js';
import { constant } from './initializers.js';
import { layerNorm } from './layerNorm.js';
import { linear } from './linear.js';
import { assign, disposeAll, expectClose, freshWeights, valuesOf } from './testing.fixture.js';

afterEach(disposeAll);

it('linear is x kernel + bias', () => {
  tf.tidy(() => {
    const weights = freshWeights();
    const layer = linear(weights, { inputs: 2, outputs: 3, initial: constant(0) });
    assign(weights, { kernel: [1, 2, 3, 4, 5, 6], bias: [0.5, 0, -1] });
    expectClose(layer(tf.tensor2d([[1, -1]])), [-2.5, -3, -4]);
  });
});

it('linear without a bias is x kernel', () => {
  tf.tidy(() => {
    const weights = freshWeights();
    const layer = linear(weights, { inputs: 2, outputs: 1, initial: constant(0), bias: false });
    expect(weights.all.map(({ name }) => name)).toEqual(['layer/kernel']);
    assign(weights, { kernel: [3, 4] });
    expectClose(layer(tf.tensor2d([[1, -1]])), [-1]);
  });
});

describe('layerNorm', () => {
  it('gives rows worked by hand', () => {
    tf.tidy(() => {
      const weights = freshWeights();
      const layer = layerNorm(weights, 4);
      assign(weights, { gamma: [1, 2, 1, 1], beta: [0, 0, 10, 0] });
      // 1 2 4 9: mean 4, variance 38 / 4. 3 3 5 5: mean 4, variance 1.
      const [wide, narrow] = [Math.sqrt(9.5 + 1e-6), Math.sqrt(1 + 1e-6)];
      const x = tf.tensor2d([1, 2, 4, 9, 3, 3, 5, 5], [2, 4]);
      expectClose(layer(x), [
        -3 / wide,
        -4 / wide,
        10,
        5 / wide,
        -1 / narrow,
        -2 / narrow,
        10 + 1 / narrow,
        1 / narrow,
      ]);
    });
  });

  const plain = (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor): tf.Tensor => {
    const { mean, variance } = tf.moments(x, 1, true);
    return tf.add(tf.mul(tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-6))), gamma), beta);
  };

  it('has the gradients that TF.js finds for its formula', () => {
    tf.tidy(() => {
      const weights = freshWeights();
      const layer = layerNorm(weights, 4);
      assign(weights, { gamma: [1, 2, -1, 0.5], beta: [0, 1, 2, 3] });
      const x = tf.tensor2d([1, 2, 4, 9, 3, -3, 5, 6], [2, 4]);
      const [gamma, beta] = weights.all as unknown as [tf.Tensor, tf.Tensor];
      const expected = tf.grads((...given) =>
        tf.sum(tf.pow(plain(...(given as [tf.Tensor, tf.Tensor, tf.Tensor])), 3)),
      );
      const [byX, ...byWeights] = expected([x, gamma, beta]) as [tf.Tensor, tf.Tensor, tf.Tensor];
      const cube = (given: tf.Tensor) => tf.sum<tf.Scalar>(tf.pow(layer(given as tf.Tensor2D), 3));
      expectClose(tf.grad(cube)(x), valuesOf(byX), 1e-4);
      const { grads } = tf.variableGrads(() => cube(x));
      weights.all.forEach(({ name }, i) =>
        expectClose(grads[name] as tf.Tensor, valuesOf(byWeights[i] as tf.Tensor), 1e-4),
      );
    });
  });

  it('has a second derivative', () => {
    tf.tidy(() => {
      const layer = layerNorm(freshWeights(), 3);
      const x = tf.tensor2d([[1, 2, 4]]);
      const second = (forward: (given: tf.Tensor) => tf.Tensor) =>
        tf.grad((given) => tf.sum(tf.square(tf.grad((at) => tf.sum(tf.pow(forward(at), 3)))(given))))(x);
      const expected = valuesOf(second((given) => plain(given, tf.ones([3]), tf.zeros([3]))));
      expectClose(
        second((given) => layer(given as tf.Tensor2D)),
        expected,
        1e-3,
      );
      expect(Math.max(...expected.map(Math.abs))).toBeGreaterThan(0.01);
    });
  });
});

describe('gelu', () => {
  // Phi(1) = 0.8413447, phi(1) = 0.2419707.
  it('is x Phi(x), the exact one', () => {
    tf.tidy(() => expectClose(gelu(tf.tensor1d([-1, 0, 1, 2])), [-0.1586553, 0, 0.8413447, 1.9544997], 1e-6));
  });

  it('has the gradient Phi(x) + x phi(x)', () => {
    tf.tidy(() => {
      const gradient = tf.grad((x) => tf.sum(gelu(x)))(tf.tensor1d([-1, 0, 1]));
      expectClose(gradient, [0.1586553 - 0.2419707, 0.5, 0.8413447 + 0.2419707], 1e-6);
    });
  });
});
