import { afterEach, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { embedding } from './embedding.js';
import { constant } from './initializers.js';
import { assign, disposeAll, expectClose, freshWeights, onWasm, valuesOf } from './testing.fixture.js';

afterEach(disposeAll);

const made = () => {
  const weights = freshWeights();
  const layer = embedding(weights, { count: 4, width: 2, initial: constant(0) });
  assign(weights, { embeddings: [1, 2, 3, 4, 5, 6, 7, 8] });
  return { weights, layer };
};
const ids = () => tf.tensor2d([3, 1, 1, 0], [2, 2], 'int32');

it('looks rows up', () => {
  tf.tidy(() => {
    const rows = made().layer.lookUp(ids());
    expect(rows.shape).toEqual([4, 2]);
    expectClose(rows, [7, 8, 3, 4, 3, 4, 1, 2]);
  });
});

it('has for a gradient the sum of the rows of each id, 0 for one that does not come', () => {
  tf.tidy(() => {
    const { weights, layer } = made();
    const along = tf.tensor2d([1, 10, 2, 20, 4, 40, 8, 80], [4, 2]);
    const { grads } = tf.variableGrads(() => tf.sum<tf.Scalar>(tf.mul(layer.lookUp(ids()), along)));
    expect(weights.all.map(({ name }) => name)).toEqual(['layer/embeddings']);
    expectClose(grads['layer/embeddings'] as tf.Tensor, [8, 80, 6, 60, 0, 0, 1, 10]);
  });
});

it('has a second derivative', () => {
  tf.tidy(() => {
    const { layer } = made();
    const table = layer.table as unknown as tf.Tensor;
    const loss = () => tf.sum<tf.Scalar>(tf.pow(layer.lookUp(ids()), 3));
    const slope = () => {
      const { grads } = tf.variableGrads(loss, [layer.table]);
      return tf.sum<tf.Scalar>(tf.square(grads[layer.table.name] as tf.Tensor));
    };
    // Row r, which comes n times: gradient 3 n r^2, the sum of squares 9 n^2 r^4, its slope 36 n^2 r^3.
    const { grads } = tf.variableGrads(slope, [layer.table]);
    const counts = [1, 1, 2, 2, 0, 0, 1, 1];
    expectClose(grads[layer.table.name] as tf.Tensor, valuesOf(table).map((r, i) => 36 * (counts[i] as number) ** 2 * r ** 3)); // prettier-ignore
  });
});

it('leaves only the rows behind', () => {
  const { layer } = made();
  const given = ids();
  const before = tf.memory().numTensors;
  const rows = tf.tidy(() => layer.lookUp(given));
  expect(tf.memory().numTensors).toBe(before + 1);
  tf.dispose([given, rows]);
});

(onWasm ? it : it.skip)('takes a matrix product where a backend cannot sum by ids', async () => {
  const { layer } = made();
  const { kernelNames } = await tf.profile(() => {
    const { value, grads } = tf.variableGrads(() => tf.sum<tf.Scalar>(layer.lookUp(ids())));
    tf.dispose([value, grads]);
  });
  expect(kernelNames).toContain('OneHot');
});
