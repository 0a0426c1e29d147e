import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { optimizerOf, owner, toySam, valuesOf } from '../toys.fixture.js';
import { describeParameters } from '../variant/parameters.js';
import { centralized, reaching } from './finalGradient.js';

const own = owner(afterEach);
let count = 0;
const variableOf = (value: tf.TensorLike, name: string): tf.Variable =>
  own(tf.tidy(() => tf.variable(tf.tensor(value), true, `c${count++}/${name}`)));

describe('centralize', () => {
  it('takes from a kernel the mean over the inputs of each output, and leaves the others', () => {
    const values = {
      kernel: [
        [1, 10],
        [3, 30],
      ],
      bias: [1, 5],
      embeddings: [
        [1, 2],
        [3, 4],
      ],
    };
    const tensors = Object.values(values).map((value) => own(tf.tensor(value)));
    const names = Object.keys(values).map((name, i) => ({ name, shape: (tensors[i] as tf.Tensor).shape }));
    const found = tf.tidy(() => centralized(tensors, describeParameters(names)).map((each) => each.arraySync()));
    expect(found).toEqual([
      [
        [-1, -10],
        [1, 10],
      ],
      values.bias,
      values.embeddings,
    ]);
  });

  it('takes it from a convolution over height, width and input, and of a depthwise one over height and width', () => {
    const kernel = own(tf.tensor4d([1, 2, 3, 6], [1, 2, 2, 1]));
    const of = (name: string): unknown =>
      tf.tidy(() => centralized([kernel], describeParameters([{ name, shape: kernel.shape }]))[0]?.dataSync());
    expect(of('conv/kernel')).toEqual(Float32Array.of(-2, -1, 0, 3));
    expect(of('conv/depthwise_kernel')).toEqual(Float32Array.of(-1, -2, 1, 2));
  });

  it('comes before clipping, and once: the ascent has the whole gradient', () => {
    // Loss 1/2 |w|^2 of w = (1, 3): g / |g| = (1, 3) / sqrt 10, gp = (1 + r) w with r = 0.5 / sqrt 10, centralized
    // (1 + r) (-1, 1), clipped to norm 1.
    const w = variableOf([[1], [3]], 'kernel');
    const loss = (): tf.Scalar => tf.tidy(() => tf.mul(0.5, tf.sum<tf.Scalar>(tf.square(w))));
    own(optimizerOf(toySam, { rho: 0.5, centralize: true })).minimize(loss, false, [w]);
    const r = 0.5 / Math.sqrt(10);
    expect(valuesOf([w])[0]).toEqual([expect.closeTo(1 + 0.1 * (1 + r), 6), expect.closeTo(3 - 0.1 * (1 + r), 6)]);
    const v = variableOf([[1], [3]], 'kernel');
    const other = (): tf.Scalar => tf.tidy(() => tf.mul(0.5, tf.sum<tf.Scalar>(tf.square(v))));
    own(optimizerOf(toySam, { rho: 0.5, centralize: true, clipNorm: 1 })).minimize(other, false, [v]);
    expect(valuesOf([v])[0]).toEqual([
      expect.closeTo(1 + 0.1 / Math.SQRT2, 6),
      expect.closeTo(3 - 0.1 / Math.SQRT2, 6),
    ]);
  });

  it('holds for gradients that are applied alone', () => {
    const w = variableOf([[1], [3]], 'kernel');
    own(optimizerOf(toySam, { centralize: true })).applyGradients({ [w.name]: own(tf.tensor2d([[2], [4]])) });
    expect(valuesOf([w])[0]).toEqual([expect.closeTo(1.1, 6), expect.closeTo(2.9, 6)]);
  });

  it('and the learning rates of groups are what of a change reaches the base', () => {
    const change = [own(tf.tensor2d([[1], [3]])), own(tf.tensor1d([5]))];
    const parameters = describeParameters([
      { name: 'a/kernel', shape: [2, 1] },
      { name: 'a/bias', shape: [1] },
    ]).map((each) => ({ ...each, learningRate: each.role === 'bias' ? 0.5 : 1 }));
    expect(tf.tidy(() => valuesOf(reaching(change, { centralize: true, groups: [{}] }, parameters)))).toEqual([
      [-1, 1],
      [2.5],
    ]);
    expect(reaching(change, {}, parameters)).toBe(change);
  });
});
