import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { hasNativeBackend } from '../load/child.fixture.js';
import { loadBackend, type BackendName } from '../index.js';
import { expectClose, on, opsOf, tidied, type Values, valuesOf } from './native.fixture.js';

const before = tf.getBackend() as BackendName;
const native = hasNativeBackend();
beforeAll(async () => {
  if (native) await loadBackend('tensorflow');
});
afterAll(() => loadBackend(before));

/** Functions of x whose gradients have another form on the native backend, and the axes that they reduce. */
const functions: Readonly<Record<string, (x: tf.Tensor, axes: number[]) => tf.Tensor>> = {
  relu: (x) => tf.relu(x),
  sum: (x, axes) => tf.sum(x, axes),
  'sum with axes kept': (x, axes) => tf.sum(x, axes, true),
  mean: (x, axes) => tf.mean(x, axes),
};

const problems = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 0, maxLength: 5 }).chain((shape) =>
  fc.record({
    shape: fc.constant(shape),
    axes: fc.subarray([...shape.keys()]),
    seed: fc.integer({ min: 1, max: 1e6 }),
  }),
);

(native ? describe : describe.skip)('gradients on the native backend', () => {
  it.each(Object.entries(functions))('%s agrees with cpu', async (_, f) => {
    const gradient = ({ shape, axes, seed }: { shape: number[]; axes: number[]; seed: number }): Values =>
      tidied(() => {
        const x = tf.randomNormal(shape, 0, 1, 'float32', seed);
        const weighing = tf.randomNormal(f(x, axes).shape, 0, 1, 'float32', seed + 1);
        return valuesOf(tf.grad((at) => tf.sum(tf.mul(f(at, axes), weighing)))(x));
      });
    await fc.assert(
      fc.asyncProperty(problems, async (problem) => {
        expectClose(gradient(problem), await on('cpu', () => gradient(problem)), 1e-6);
      }),
      { numRuns: 40 },
    );
  });

  it('gives numbers worked by hand', () => {
    tf.tidy(() => {
      const x = tf.tensor2d([-1, 0, 2, 3, 5, -4], [2, 3]);
      // d/dx sum relu(x)^2 = 2 relu(x); of the mean over rows, squared and summed, 2 (1/2) mean.
      expect(valuesOf(tf.grad((at) => tf.sum(tf.square(tf.relu(at))))(x))).toEqual([0, 0, 4, 6, 10, 0]);
      expect(valuesOf(tf.grad((at) => tf.sum(tf.square(tf.mean(at, 0))))(x))).toEqual([1, 2.5, -1, 1, 2.5, -1]);
      expect(valuesOf(tf.grad((at) => tf.sum(tf.square(tf.sum(at, 1))))(x))).toEqual([2, 2, 2, 8, 8, 8]);
    });
  });

  it('needs one op for relu, and no array of ones', () => {
    const x = tf.randomNormal([4, 3]);
    const names = opsOf(() => tf.tidy(() => void tf.grad((at) => tf.relu(at))(x)));
    expect(names).toEqual(['Relu', 'ReluGrad']);
    x.dispose();
  });

  it('has second derivatives', async () => {
    const second = (): Values =>
      tidied(() => {
        const inner = (x: tf.Tensor): tf.Tensor => tf.mul(tf.sum(tf.pow(tf.relu(x), 3)), tf.square(tf.mean(x)));
        const x = tf.tensor1d([-1, 0.5, 2, 3]);
        return valuesOf(tf.grad((at) => tf.sum(tf.square(tf.grad(inner)(at))))(x));
      });
    const expected = await on('cpu', second);
    expect(Math.max(...expected)).toBeGreaterThan(1);
    expectClose(second(), expected, 1e-5);
  });
});
