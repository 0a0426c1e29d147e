import { createContainer, RandomStream } from '@flatmin/core';
import mlp from '@flatmin/model-mlp';
import sam from '@flatmin/sam';
import { train } from '@flatmin/training';
import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import plugin, { twoMoons } from 'flatmin-two-moons';

const parts = ['train', 'validation', 'test'];

/** Every point of a part, as [x, y, class], in the order of its batches. */
async function pointsOf(part, options = { batchSize: 64 }) {
  const points = [];
  for await (const { x, y } of part.batches(options)) {
    const [values, labels] = [x.arraySync(), y.arraySync()];
    labels.forEach((label, i) => points.push([...values[i], label]));
    tf.dispose([x, y]);
  }
  return points;
}

test('is a function of its seed', async () => {
  const all = async (options) => Promise.all(parts.map((part) => pointsOf(twoMoons(options)[part])));
  assert.deepEqual(await all({ seed: 3 }), await all({ seed: 3 }));
  assert.notDeepEqual(await all({ seed: 3 }), await all({ seed: 4 }));
});

test('lies on the two half circles where there is no noise', async () => {
  const points = await pointsOf(twoMoons({ noise: 0, test: 100 }).test);
  for (const [x, y, label] of points) {
    const [dx, dy] = label === 0 ? [x, y] : [1 - x, 0.5 - y];
    assert.ok(Math.abs(Math.hypot(dx, dy) - 1) < 1e-6 && dy >= 0, `${x}, ${y} of class ${label}`);
  }
  assert.equal(points.filter(([, , label]) => label === 1).length, 50);
});

test('has the shapes of the contract, and each training point in one part', async () => {
  const data = twoMoons({ train: 200, test: 50, validation: 0.25 });
  assert.deepEqual([data.inputShape, data.classes, ...parts.map((part) => data[part].size)], [[2], 2, 150, 50, 50]);
  for await (const { x, y } of data.train.batches({ batchSize: 64, dropRemainder: true })) {
    assert.deepEqual([x.shape, x.dtype, y.shape, y.dtype], [[64, 2], 'float32', [64], 'int32']);
    tf.dispose([x, y]);
  }
  const seen = (await Promise.all(parts.map((part) => pointsOf(data[part])))).flat().map(String);
  assert.equal(new Set(seen).size, 250);
});

test('shuffles by the stream that it is given, and leaves no tensor', async () => {
  const before = tf.memory().numTensors;
  const { train: part } = twoMoons({ train: 100 });
  const shuffled = (epoch) => pointsOf(part, { batchSize: 32, shuffle: new RandomStream(1).at(epoch) });
  assert.deepEqual(await shuffled(0), await shuffled(0));
  assert.notDeepEqual(await shuffled(0), await shuffled(1));
  assert.deepEqual((await shuffled(0)).map(String).sort(), (await pointsOf(part)).map(String).sort());
  assert.equal(tf.memory().numTensors, before);
});

test('refuses options by name', async () => {
  const container = createContainer({ plugins: [plugin] });
  await assert.rejects(container.createDataSet({ use: 'two-moons', noise: -1, sed: 1 }), /noise.*sed|sed.*noise/s);
});

test('is learned by a small network through train', async () => {
  const container = createContainer({ plugins: [plugin, mlp, sam] });
  const dataset = await container.createDataSet({ use: 'two-moons', train: 400, test: 200 });
  const { classes, inputShape } = dataset;
  const random = new RandomStream(1);
  const model = container.createModel({ use: 'mlp', hidden: [16] }, { inputShape, classes, random });
  const base = { use: 'momentum', learningRate: 0.2, momentum: 0.9 };
  const optimizer = container.createOptimizer({ use: 'sam', rho: 0.05, base });
  const { history } = await train({ dataset, model, optimizer, epochs: 8, batchSize: 32 });
  assert.ok(history.at(-1).test.accuracy > 0.95, `accuracy ${history.at(-1).test.accuracy}`);
  optimizer.dispose();
  model.dispose();
});
