import { lets } from '@flatmin/lets';
import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linfSam } from 'flatmin-linf-sam';

const base = { use: 'sgd', learningRate: 0.1 };

test('moves every weight by rho, towards the larger loss, whatever the size of its gradient', () => {
  const start = [3, -2, 0.5, 0];
  const w = tf.variable(tf.tensor1d(start));
  const optimizer = linfSam({ rho: 0.25, base });
  const seen = [];
  const loss = () => {
    seen.push([...w.dataSync()]);
    return tf.tidy(() => tf.sum(tf.mul(tf.square(w), [100, 1, 0.01, 1])));
  };
  optimizer.minimize(loss, false, [w]);
  assert.deepEqual(seen, [start, [3.25, -2.25, 0.75, 0]]);
  optimizer.dispose();
  w.dispose();
});

test('learns its rho under LETS', () => {
  const w = tf.variable(tf.tensor1d([3, 2]));
  const bowl = (center) => () => tf.tidy(() => tf.sum(tf.square(tf.sub(w, center))));
  const optimizer = lets(linfSam({ rho: 0.1, base }), { preset: 'robust', validationLoss: bowl([1, -1]) });
  for (let step = 0; step < 5; step++) optimizer.minimize(bowl([0, 0]), false, [w]);
  assert.ok(Number.isFinite(optimizer.radius));
  assert.notEqual(optimizer.radius, 0.1);
  optimizer.dispose();
  w.dispose();
});
