// Two momentum steps on a backend, in a process of their own: node trainStep.fixture.mjs BACKEND
import { createRequire } from 'node:module';
import { loadBackend } from '@flatmin/backend';

const { name, tf, versions, notes } = await loadBackend(process.argv[2]);
const core = createRequire(import.meta.url)('@tensorflow/tfjs-core');

const x = tf.tensor2d([1, 2, 3, 4], [2, 2]);
const w = tf.variable(tf.ones([2, 1]));
const loss = () => tf.matMul(x, w).square().sum();
const optimizer = tf.train.momentum(0.01, 0.9);
const gradient = tf.variableGrads(loss).grads[w.name].arraySync();
optimizer.minimize(loss);
optimizer.minimize(loss);

console.log(
  JSON.stringify({
    name,
    node: versions.node,
    notes,
    active: tf.getBackend(),
    square: tf.square(3).arraySync(),
    product: tf.matMul(x, tf.ones([2, 1])).arraySync(),
    largest: tf.topk(tf.tensor1d([1, 3, 2]), 1).values.arraySync(),
    gradient,
    weights: w.arraySync(),
    oneCore: tf.engine() === core.engine() && tf.Tensor === core.Tensor && w instanceof core.Variable,
    oneDnn: process.env.TF_ENABLE_ONEDNN_OPTS,
    layers: typeof tf.layers.dense,
    listeners: process.listenerCount('uncaughtException') + process.listenerCount('unhandledRejection'),
  }),
);
