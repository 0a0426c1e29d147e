import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import * as fc from 'fast-check';
import { batchNorm, portableByBatch } from './batchNorm.js';
import { assign, disposeAll, expectClose, freshWeights, onNative, onWasm, valuesOf } from './testing.fixture.js';

afterEach(disposeAll);

const x = () => tf.tensor4d([1, 2, 4, 9], [2, 2, 1, 1]);
/** 1 / sqrt(9.5 + 1e-5): x has mean 4, and squared distances of 38 / 4 = 9.5. */
const inverse = 1 / Math.sqrt(9.5 + 1e-5);

describe('batchNorm', () => {
  it('normalizes by the batch in training, and moves its averages by a tenth', () => {
    tf.tidy(() => {
      const weights = freshWeights();
      const layer = batchNorm(weights, 1);
      assign(weights, { gamma: [2], beta: [0.5] });
      expectClose(layer(x(), true), [-3, -2, 0, 5].map((distance) => 2 * distance * inverse + 0.5)); // prettier-ignore
      // 0.9 x 0 + 0.1 x 4 and 0.9 x 1 + 0.1 x 9.5, not 0.1 x 38 / 3.
      expectClose(weights.all.slice(2).flatMap(valuesOf), [0.4, 1.85]);
    });
  });

  it('normalizes by its averages otherwise, and moves nothing', () => {
    tf.tidy(() => {
      const weights = freshWeights();
      const layer = batchNorm(weights, 1);
      assign(weights, { gamma: [2], beta: [0.5], moving_mean: [1], moving_variance: [4 - 1e-5] });
      expectClose(layer(x(), false), [0.5, 1.5, 3.5, 8.5]);
      expectClose(weights.all.slice(2).flatMap(valuesOf), [1, 4 - 1e-5]);
    });
  });

  it('has variables by the names that tell their roles, of which two are trained', () => {
    const weights = freshWeights();
    batchNorm(weights, 3);
    expect(weights.all.map(({ name, trainable }) => [name, trainable])).toEqual([
      ['layer/gamma', true],
      ['layer/beta', true],
      ['layer/moving_mean', false],
      ['layer/moving_variance', false],
    ]);
  });

  (onNative ? it : it.skip)('takes the fused kernel of the native backend, also for the gradient', async () => {
    const weights = freshWeights();
    const layer = batchNorm(weights, 1);
    const { kernelNames } = await tf.profile(() => {
      const { value, grads } = tf.variableGrads(() => tf.sum<tf.Scalar>(tf.square(layer(x(), true))));
      tf.dispose([value, grads]);
    });
    expect(kernelNames).toContain('flatmin/BatchNormTraining');
    expect(kernelNames).not.toContain('Rsqrt');
  });

  const size = fc.integer({ min: 1, max: 4 });
  const problems = fc
    .record({ shape: fc.tuple(size, size, size, size), seed: fc.integer({ min: 1, max: 1e6 }) })
    // Where a channel has few values, tiny differences of variance are large ones of 1 / sqrt(variance).
    .filter(({ shape: [n, h, w] }) => n * h * w > 3);

  it('agrees with its portable form: output, statistics, all gradients', () => {
    fc.assert(
      fc.property(problems, ({ shape, seed }) => {
        tf.tidy(() => {
          const input = tf.variable(tf.add<tf.Tensor4D>(tf.mul(tf.randomNormal(shape, 0, 1, 'float32', seed), 3), 1.5));
          const along = tf.randomNormal(shape, 0, 1, 'float32', seed + 1);
          const weights = freshWeights();
          const layer = batchNorm(weights, shape[3]);
          const spread = Array.from({ length: shape[3] }, (_, i) => 0.5 + i);
          assign(weights, { gamma: spread, beta: spread });
          const [gamma, beta, mean, variance] = weights.all as [tf.Variable, tf.Variable, tf.Variable, tf.Variable];
          const seen = (forward: (given: tf.Tensor4D) => tf.Tensor4D) => {
            let y: tf.Tensor | undefined;
            const loss = () =>
              tf.sum<tf.Scalar>(tf.mul((y = tf.keep(forward(input as unknown as tf.Tensor4D))), along));
            const { grads } = tf.variableGrads(loss, [input, gamma, beta]);
            const output = valuesOf(y as unknown as tf.Tensor);
            tf.dispose(y);
            return [output, ...[input, gamma, beta].map(({ name }) => valuesOf(grads[name] as tf.Tensor))];
          };
          const ours = seen((given) => layer(given, true));
          let portable: ReturnType<typeof portableByBatch> | undefined;
          const theirs = seen((given) => {
            portable = portableByBatch(given, gamma, beta);
            tf.keep(portable.mean);
            tf.keep(portable.variance);
            return portable.y;
          });
          theirs.forEach((values, i) => expectClose(ours[i] as number[], values, 2e-4));
          expectClose(mean, valuesOf(tf.mul((portable as { mean: tf.Tensor }).mean, 0.1)));
          expectClose(variance, valuesOf(tf.add(0.9, tf.mul((portable as { variance: tf.Tensor }).variance, 0.1))));
          tf.dispose([portable?.mean, portable?.variance, input]);
          disposeAll();
        });
      }),
      { numRuns: 25 },
    );
  });

  (onWasm ? it.skip : it)('has a second derivative', () => {
    // y of two values a, b is +-(a - b) / sqrt((a - b)^2 + 4 epsilon): of their difference d alone.
    const weights = freshWeights();
    const layer = batchNorm(weights, 1);
    const cube = (given: tf.Tensor) => tf.sum(tf.pow(layer(given as tf.Tensor4D, true), 3));
    tf.tidy(() => {
      const at = tf.tensor4d([1, 2, 4, 9], [4, 1, 1, 1]);
      const gradient = tf.grad(cube);
      const second = tf.grad((given) => tf.sum(tf.mul(gradient(given), tf.tensor4d([1, 0, 0, 0], [4, 1, 1, 1]))))(at);
      const step = 1e-2;
      const shift = tf.tensor4d([step, 0, 0, 0], [4, 1, 1, 1]);
      const difference = tf.div(tf.sub(gradient(tf.add(at, shift)), gradient(tf.sub(at, shift))), 2 * step);
      // The Hessian is symmetric: its first row is its first column.
      expectClose(second, valuesOf(difference), 2e-3);
      expect(Math.max(...valuesOf(second).map(Math.abs))).toBeGreaterThan(0.01);
    });
  });

  it('leaves no tensor behind', () => {
    const weights = freshWeights();
    const layer = batchNorm(weights, 2);
    const input = tf.ones<tf.Rank.R4>([3, 2, 2, 2]);
    const before = tf.memory().numTensors;
    tf.tidy(() => void layer(input, true));
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose(tf.variableGrads(() => tf.sum<tf.Scalar>(layer(input, true))));
    expect(tf.memory().numTensors).toBe(before);
    input.dispose();
  });
});
