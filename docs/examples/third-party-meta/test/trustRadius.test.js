import { createContainer } from '@flatmin/core';
import lets, { lets as letsAround } from '@flatmin/lets';
import { sam } from '@flatmin/sam';
import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import plugin, { trustRadius } from 'flatmin-trust-radius';

const base = { use: 'sgd', learningRate: 0.1 };
const loss = (w) => () => tf.tidy(() => tf.sum(tf.square(w)));

test('reads and sets its rho through the optimizer', () => {
  const w = tf.variable(tf.tensor1d([3, 4]));
  const optimizer = trustRadius(sam({ rho: 0.5, base }));
  assert.equal(optimizer.radius, 0.5);
  optimizer.minimize(loss(w), false, [w]);
  assert.equal(optimizer.radius, 1);
  optimizer.radius = 0.25;
  optimizer.minimize(loss(w), false, [w]);
  assert.equal(optimizer.lastStep.radius, 0.25);
  assert.equal(optimizer.radius, 0.5);
  assert.throws(() => (optimizer.radius = 3), /radius/);
  optimizer.dispose();
  w.dispose();
});

test('leaves rho alone on steps on which the inner variant does not perturb', () => {
  const w = tf.variable(tf.tensor1d([3, 4]));
  const optimizer = trustRadius(sam({ rho: 0.1, every: 2, base }));
  const radii = [0, 1, 2].map(() => {
    optimizer.minimize(loss(w), false, [w]);
    return [optimizer.lastStep.radius, optimizer.radius].map((rho) => rho && Number(rho.toFixed(6)));
  });
  assert.deepEqual(radii, [
    [0.1, 0.2],
    [null, 0.2],
    [0.2, 0.4],
  ]);
  optimizer.dispose();
  w.dispose();
});

test('tells the inner variant of the update, and attaches it', () => {
  const told = [];
  const inner = {
    id: 'counting',
    radius: 'linear',
    initialState: () => ({ updates: 0 }),
    estimate: ({ evaluate, state }) => ({ ...evaluate(), state, carry: 'carried' }),
    afterUpdate: ({ outcome, state, step }) => {
      told.push(outcome.carry, step.radius.dataSync()[0], step.state.updates);
      return { state: { updates: state.updates + 1 } };
    },
    attach: (context) => told.push(context),
  };
  const meta = plugin.create(plugin.options.parse({}), { inner, givenRadius: 0.5 });
  const step = { state: { inner: { updates: 2 }, rho: tf.scalar(0.5) }, radius: tf.scalar(9), evaluate: () => ({}) };
  const outcome = meta.estimate(step);
  const { state } = meta.afterUpdate({ step, outcome, state: outcome.state });
  assert.equal(state.inner.updates, 3);
  meta.attach('a context');
  assert.deepEqual(told, ['carried', 0.5, 2, 'a context']);
  assert.equal(meta.graphKey({ state }), null); // The inner variant has none: steps over it are not captured.
});

test('is found by its name in a container, and wraps no variant that keeps a radius of its own', () => {
  const container = createContainer({ plugins: [plugin, lets] });
  assert.equal(
    container.plugins().some(({ id }) => id === 'trust-radius'),
    true,
  );
  const inner = letsAround(sam({ rho: 0.1, base }), { validationLoss: () => tf.scalar(0) });
  assert.throws(() => trustRadius(inner), { code: 'RADIUS_NOT_LEARNABLE' });
});
