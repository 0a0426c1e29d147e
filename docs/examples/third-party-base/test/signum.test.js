import { lossOfBatch } from '@flatmin/core';
import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import plugin, { signum } from 'flatmin-signum';

const made = [];
afterEach(() => made.splice(0).forEach((each) => each.dispose()));
const own = (each) => (made.push(each), each);
const baseOf = (options = {}) => own(plugin.create(plugin.options.parse(options), undefined));
const variableOf = (values, name) => own(tf.variable(tf.tensor1d(values), true, name));
const step = (base, variables, gradients, roles = ['kernel', 'bias']) =>
  tf.tidy(() => {
    const tensors = gradients.map((each) => each && tf.tensor1d(each));
    base.apply(
      variables,
      tensors,
      roles.map((role) => ({ role })),
    );
  });
const close = (tensor, expected) =>
  tensor
    .dataSync()
    .forEach((value, i) => assert.ok(Math.abs(value - expected[i]) < 1e-6, `${value} for ${expected[i]}`));

test('steps as worked out by hand', () => {
  const w = variableOf([1, 1, 1]);
  const base = baseOf({ learningRate: 0.1, beta: 0.75 });
  // m = 0.25 g.
  step(base, [w], [[4, -8, 0]]);
  close(w, [0.9, 1.1, 1]);
  close(base.slot('m')[0], [1, -2, 0]);
  // m = 0.75 (1, -2, 0) + 0.25 (-2, 3, 2): the first two go on against their gradients.
  step(base, [w], [[-2, 3, 2]]);
  close(w, [0.8, 1.2, 0.9]);
  close(base.slot('m')[0], [0.25, -0.75, 0.5]);
});

test('decays what it is told to, by the learning rate', () => {
  const [kernel, bias] = [variableOf([10]), variableOf([10])];
  // 10 - 0.1 (1 + 0.5 10) and 10 - 0.1.
  step(baseOf({ learningRate: 0.1, weightDecay: 0.5, decayRoles: ['kernel'] }), [kernel, bias], [[3], [3]]);
  close(kernel, [9.4]);
  close(bias, [9.9]);
});

test('leaves a frozen variable and its m alone, and takes in one that joins', () => {
  const [a, b] = [variableOf([1]), variableOf([1])];
  const base = baseOf({ learningRate: 0.1 });
  step(base, [a], [[1]]);
  step(base, [a, b], [undefined, [-1]]);
  close(a, [0.9]);
  close(b, [1.1]);
  close(base.slot('m')[0], [0.1]);
  close(base.slot('m')[1], [-0.1]);
});

test('goes on from what it saved, to the bit, and refuses what another base saved', async () => {
  const trained = async (isResumed) => {
    const w = variableOf([0.5, -0.25]);
    let base = baseOf();
    for (const g of [0.3, -0.1]) step(base, [w], [[g, 2 * g]]);
    if (isResumed) {
      const saved = await base.save();
      const other = baseOf();
      other.restore(saved);
      base.dispose();
      base = other;
    }
    for (const g of [-0.2, 0.7]) step(base, [w], [[g, 2 * g]]);
    return [...w.dataSync(), ...base.slot('m')[0].dataSync()];
  };
  assert.deepEqual(await trained(true), await trained(false));
  assert.throws(() => baseOf().restore({ slots: { v: [] }, scalars: {} }), { code: 'STATE_MISMATCH' });
});

test('trains alone, and leaves no tensor', () => {
  const before = tf.memory().numTensors;
  const [x, y] = [tf.tensor2d([[1], [2]]), tf.tensor1d([2, 4])];
  const w = tf.tidy(() => tf.variable(tf.scalar(0), true, 'kernel'));
  const optimizer = signum({ learningRate: 0.1 });
  const loss = lossOfBatch((xs, ys) => tf.square(tf.sub(tf.mul(tf.squeeze(xs, [1]), w), ys)), x, y);
  for (let i = 0; i < 15; i++) optimizer.minimize(loss, false, [w]);
  assert.ok(Math.abs(w.dataSync()[0] - 1.5) < 1e-6); // 15 steps of 0.1 towards 2.
  tf.dispose([x, y, w]);
  optimizer.dispose();
  assert.equal(tf.memory().numTensors, before);
});
