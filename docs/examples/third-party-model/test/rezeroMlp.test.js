import { createContainer, RandomStream } from '@flatmin/core';
import digits from '@flatmin/dataset-digits';
import sam from '@flatmin/sam';
import { train } from '@flatmin/training';
import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import plugin, { rezeroMlp } from 'flatmin-rezero-mlp';

const context = (seed = 1) => ({ inputShape: [2], classes: 2, random: new RandomStream(seed) });

/** Gives variables, by the ends of their names, these values. */
function set(model, values) {
  for (const [name, value] of Object.entries(values)) {
    const variable = model.variables.find((each) => each.name.endsWith(name));
    tf.tidy(() => variable.assign(tf.tensor(value, variable.shape)));
  }
}

/** One block of width 2: h = x, F(h) = W2 relu(W1 h + b1) + b2. */
const byHand = {
  'stem/kernel': [1, 0, 0, 1],
  'first/kernel': [1, -1, 2, 1],
  'first/bias': [0, -0.5],
  'second/kernel': [1, 0, 0, 3],
  'second/bias': [0.25, 0],
  'head/kernel': [1, 0, 0, 2],
  'head/bias': [0, 1],
};

test('computes what is worked out by hand, and leaves only its logits', () => {
  const model = rezeroMlp({ width: 2, depth: 1 }, context());
  set(model, byHand);
  const x = tf.tensor2d([[1, 2]]);
  const before = tf.memory().numTensors;
  const first = model.apply(x);
  // Without alpha the block is the identity: (1, 2 2 + 1).
  assert.deepEqual([...first.dataSync()], [1, 5]);
  set(model, { alpha: [0.5] });
  const second = model.apply(x);
  // W1: (1 + 4, -1 + 2 - 0.5) = (5, 0.5); F = (5.25, 1.5); h = (1 + 2.625, 2 + 0.75); logits (3.625, 2 2.75 + 1).
  assert.deepEqual([...second.dataSync()], [3.625, 6.5]);
  assert.equal(tf.memory().numTensors, before + 2);
  tf.dispose([x, first, second]);
  model.dispose();
});

test('has the gradient of alpha that is worked out by hand, and one for every variable', () => {
  const model = rezeroMlp({ width: 2, depth: 1 }, context());
  set(model, byHand);
  const { grads } = tf.tidy(() =>
    tf.variableGrads(() => tf.sum(model.apply(tf.tensor2d([[1, 2]]))), [...model.variables]),
  );
  // d (h1 + 2 h2) / d alpha = F1 + 2 F2 = 5.25 + 3.
  const alpha = model.variables.find(({ name }) => name.endsWith('alpha'));
  assert.deepEqual([...grads[alpha.name].dataSync()], [8.25]);
  assert.deepEqual(Object.keys(grads).sort(), model.variables.map(({ name }) => name).sort());
  tf.dispose(grads);
  model.dispose();
});

test('draws its weights from the stream alone, under names that no other model has, and frees them', () => {
  const before = tf.memory().numTensors;
  const models = [1, 1, 2].map((seed) => rezeroMlp({}, context(seed)));
  const [a, b, c] = models.map(({ variables }) => variables.map((each) => [...each.dataSync()]));
  assert.deepEqual(a, b);
  assert.notDeepEqual(a, c);
  assert.equal(new Set(models.flatMap(({ variables }) => variables.map(({ name }) => name))).size, 3 * a.length);
  models.forEach((model) => model.dispose());
  models[0].dispose();
  assert.equal(tf.memory().numTensors, before);
});

test('says the roles that names do not', () => {
  const model = rezeroMlp({ depth: 2 }, context());
  assert.deepEqual(model.roles, { 'rezero-mlp/block1/alpha': 'other', 'rezero-mlp/block2/alpha': 'other' });
  model.dispose();
});

test('refuses options, contexts and inputs by name', () => {
  const container = createContainer({ plugins: [plugin] });
  assert.throws(() => container.createModel({ use: 'rezero-mlp', width: 0 }, context()), { code: 'SPEC_INVALID' });
  assert.throws(() => rezeroMlp({}, { ...context(), classes: 1 }), { code: 'DATA_INVALID' });
  const model = rezeroMlp({}, context());
  assert.throws(() => model.apply(tf.zeros([1, 3])), { code: 'DATA_INVALID' });
  model.dispose();
});

test('trains under SAM, and its alphas leave 0', async () => {
  const container = createContainer({ plugins: [plugin, digits, sam] });
  const dataset = await container.createDataSet({ use: 'digits' });
  const { classes, inputShape } = dataset;
  const random = new RandomStream(1);
  const model = container.createModel({ use: 'rezero-mlp', width: 16 }, { inputShape, classes, random });
  const base = { use: 'momentum', learningRate: 0.1, momentum: 0.9 };
  const optimizer = container.createOptimizer({ use: 'sam', rho: 0.05, base }, { parameters: model.roles });
  const { history } = await train({
    dataset,
    model,
    optimizer,
    epochs: 4,
    batchSize: 64,
    evaluate: { parts: ['test'] },
  });
  assert.ok(history.at(-1).test.accuracy > 0.85, `accuracy ${history.at(-1).test.accuracy}`);
  const alphas = model.variables.filter(({ name }) => name.endsWith('alpha')).map((each) => each.dataSync()[0]);
  assert.ok(alphas.every((alpha) => alpha !== 0));
  optimizer.dispose();
  model.dispose();
});
