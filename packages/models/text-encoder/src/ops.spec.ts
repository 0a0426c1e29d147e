import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { disposeAll, onNative, opsOf } from '../../blocks/src/testing.fixture.js';
import { create } from './textEncoder.fixture.js';

afterEach(disposeAll);

/** Ops forward and backward of a model of this depth. */
function cost(attention: 'bert' | 'disentangled', dropout: number, depth: number): readonly [number, number] {
  const model = create({ attention, width: 8, depth, heads: 2, positions: 16, dropout });
  const x = tf.ones<tf.Rank.R2>([2, 5], 'int32');
  const loss = () => tf.sum<tf.Scalar>(model.apply(x, { training: true }));
  const y = tf.variable(tf.ones([2, 3]));
  const sum = opsOf(() => tf.variableGrads(() => tf.sum<tf.Scalar>(y), [y]));
  const forward = opsOf(() => model.apply(x, { training: true }));
  const whole = opsOf(() => tf.variableGrads(loss));
  tf.dispose([x, y]);
  return [forward, whole - forward - sum];
}

(onNative ? describe : describe.skip)('ops of the native backend, forward and backward', () => {
  it.each([
    ['bert', 0, [47, 75], [45, 43]],
    ['bert', 0.1, [62, 81], [55, 47]],
    ['disentangled', 0, [86, 132], [35, 39]],
    ['disentangled', 0.1, [101, 138], [50, 45]],
  ] as const)('%s, dropout %d: %j a block, and %j', (attention, dropout, block, rest) => {
    const [one, two] = [cost(attention, dropout, 1), cost(attention, dropout, 2)];
    const ofBlock = [two[0] - one[0], two[1] - one[1]];
    expect(ofBlock).toEqual(block);
    expect([one[0] - two[0] + one[0], one[1] - two[1] + one[1]]).toEqual(rest);
  });
});
