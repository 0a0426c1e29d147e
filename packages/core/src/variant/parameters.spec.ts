import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { lossOfBatch } from '../loss/batchLosses.js';
import { partSizes, requireAccess } from '../loss/loss.js';
import { describeParameters, type ParameterRole, roleOf } from './parameters.js';
import { batchParts } from '../loss/parts.js';
import { decodeState, encodeState, holdsPerVariable, type NamedTensor, tensorsOf } from '../tensors/stateTree.js';
import { thrownBy, valuesOf } from '../toys.fixture.js';

describe('roles', () => {
  it.each<[string, number[], ParameterRole]>([
    ['dense_1/kernel', [2, 3], 'kernel'],
    ['dense_1/kernel_2', [2, 3], 'kernel'],
    ['weight', [2], 'kernel'],
    ['layer/weights', [2], 'kernel'],
    ['conv/depthwise_kernel', [3, 3, 1, 1], 'kernel'],
    ['conv/pointwise_kernel_1', [1, 1, 2, 2], 'kernel'],
    ['lstm/recurrent_kernel', [4, 16], 'kernel'],
    ['dense/bias_12', [3], 'bias'],
    ['biases', [2, 2], 'bias'],
    ['batch_normalization_BatchNormalization1/gamma', [3], 'normalization'],
    ['batch_normalization/beta_3', [3], 'normalization'],
    ['embedding_1/embeddings', [9, 2], 'embedding'],
    ['kernel/anything', [], 'other'],
    ['anything', [2, 2], 'kernel'],
    ['anything', [2], 'bias'],
    ['anything_1', [], 'other'],
  ])('of %s %j is %s', (name, shape, role) => {
    expect(roleOf(name, shape)).toBe(role);
  });

  it('are those of the caller where given, by name, else by name without suffix', () => {
    const variables = ['a', 'a_1', 'b'].map((name) => ({ name, shape: [2] }));
    const roles = { a: 'embedding', b: 'other' } as const;
    expect(describeParameters(variables, roles).map(({ role }) => role)).toEqual(['embedding', 'embedding', 'other']);
    const exact = { a: 'embedding', a_1: 'kernel' } as const;
    expect(describeParameters(variables, exact).map(({ role }) => role)).toEqual(['embedding', 'kernel', 'bias']);
    expect(describeParameters(variables)[0]).toEqual({ name: 'a', shape: [2], role: 'bias' });
  });
});

describe('losses with batch access', () => {
  const x = (): tf.Tensor1D => tf.tensor1d([1, 2, 3, 4, 5]);
  const loss = () => lossOfBatch((a: tf.Tensor1D, b: tf.Tensor1D) => tf.mul(a, b), x(), x());

  it('are means, of the batch, of rows and of parts', () => {
    const whole = loss();
    expect(whole().dataSync()[0]).toBe(11);
    expect(whole.size).toBe(5);
    expect(valuesOf([whole.perExample()])).toEqual([[1, 4, 9, 16, 25]]);
    expect(whole.subset([0, 2, 2])().dataSync()[0]).toBeCloseTo((1 + 9 + 9) / 3, 6);
    expect(
      whole
        .subset(tf.tensor1d([4], 'int32'))()
        .dataSync()[0],
    ).toBe(25);
    const parts = whole.split(2);
    expect(parts.map(({ size }) => size)).toEqual([3, 2]);
    expect(parts[0]?.().dataSync()[0]).toBeCloseTo(14 / 3, 6);
    expect(parts[1]?.().dataSync()[0]).toBeCloseTo(41 / 2, 6);
  });

  it('add a regularizer to every mean', () => {
    const regularized = lossOfBatch(
      (a: tf.Tensor1D) => a,
      x(),
      x(),
      () => tf.scalar(100),
    );
    expect(regularized().dataSync()[0]).toBe(103);
    expect(regularized.split(5)[4]?.().dataSync()[0]).toBe(105);
    expect(valuesOf([regularized.perExample()])[0]).toEqual([1, 2, 3, 4, 5]);
  });

  it('split in consecutive parts whose sizes differ by at most one', () => {
    expect(partSizes(7, 3)).toEqual([
      { start: 0, length: 3 },
      { start: 3, length: 2 },
      { start: 5, length: 2 },
    ]);
    for (const parts of [0, 8, 1.5, NaN]) expect(thrownBy(() => partSizes(7, parts)).code).toBe('LOSS_INVALID');
  });

  it('come in parts with their share of the examples, or as they are', () => {
    expect(batchParts(loss(), 3, 'my-sam').map(({ share }) => share)).toEqual([0.4, 0.4, 0.2]);
    const whole = (): tf.Scalar => tf.scalar(0);
    expect(batchParts(whole, 1, 'my-sam')).toEqual([{ loss: whole, share: 1, fraction: 1 }]);
  });

  it('say by name what they lack', () => {
    const error = thrownBy(() => requireAccess(() => tf.scalar(0), 'split', 'my-sam'));
    expect(error.code).toBe('BATCH_ACCESS_MISSING');
    expect(error.message).toMatch(/my-sam needs loss.split\(\).*batchLoss/);
    expect(requireAccess(loss(), 'split', 'my-sam')(5)).toHaveLength(5);
  });
});

describe('state trees', () => {
  const shared = tf.scalar(1);
  const vector = [tf.tensor1d([1, 2]), tf.scalar(3)];
  const tree = { vector, list: [shared, 7], nested: { same: shared, none: undefined, flag: -3 } };
  const names = { names: ['w', 'b'], shapes: [[2], []] };

  it('list every tensor once', () => {
    expect([...tensorsOf(tree)]).toEqual([...vector, shared]);
    expect([...tensorsOf(undefined)]).toEqual([]);
  });

  it('are written by name, vectors by variable, and read back in another order', () => {
    const out: NamedTensor[] = [];
    const encoded: unknown = JSON.parse(JSON.stringify(encodeState(tree, 'state', names, out)));
    expect(out.map(({ name }) => name)).toEqual([
      'state/vector/w',
      'state/vector/b',
      'state/list/0',
      'state/nested/same',
    ]);
    const take = (name: string): tf.Tensor => out.find((entry) => entry.name === name)?.tensor as tf.Tensor;
    expect(decodeState(encoded, ['b', 'w'], take)).toEqual({ ...tree, vector: [vector[1], vector[0]] });
  });

  it('refuse reals, strings and functions, with their place', () => {
    for (const value of [0.5, NaN, 'text', () => 1, true]) {
      const error = thrownBy(() => encodeState({ deep: [value] }, 'state', names, []));
      expect(error.message).toContain('state/deep/0');
    }
  });

  it('tell whether they hold a tensor per variable', () => {
    expect(holdsPerVariable(tree, 2)).toBe(true);
    expect(holdsPerVariable({ rho: shared, moments: shared }, 2)).toBe(false);
    expect(holdsPerVariable({ deep: [{ vector }] }, 2)).toBe(true);
    expect(holdsPerVariable({ vector }, 3)).toBe(false);
    expect(holdsPerVariable(undefined, 1)).toBe(false);
  });
});
