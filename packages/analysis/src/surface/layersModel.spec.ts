import { batchLoss } from '@flatmin/model-layers';
import { expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs';
import { hessian, lossSurface, topEigenvalues, trace } from '../index.js';

it('a tf.LayersModel has the loss of its evaluate, a curvature, and keeps its weights', async () => {
  const model = tf.sequential({
    layers: [
      tf.layers.dense({
        inputShape: [3],
        units: 6,
        activation: 'tanh',
        kernelInitializer: tf.initializers.glorotNormal({ seed: 1 }),
      }),
      tf.layers.batchNormalization(),
      tf.layers.dropout({ rate: 0.5 }),
      tf.layers.dense({ units: 1, kernelInitializer: tf.initializers.glorotNormal({ seed: 2 }) }),
    ],
  });
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  const [x, y] = [tf.randomNormal([40, 3], 0, 1, 'float32', 3), tf.randomNormal([40, 1], 0, 1, 'float32', 4)];
  const before = model.getWeights().map((weight) => [...weight.dataSync()]);
  const known = model.evaluate(x, y) as tf.Scalar;
  const rows = (tensor: tf.Tensor, start: number): tf.Tensor => tf.tidy(() => tf.slice(tensor, start, 20));
  const batches = [0, 20].map((start) => [rows(x, start), rows(y, start)] as const);
  const { numTensors } = tf.memory();
  const surface = await lossSurface((a, b) => batchLoss(model, a, b, { training: false }), batches, {
    variables: model.trainableWeights.map((weight) => weight.read() as tf.Variable),
    frozen: model.nonTrainableWeights.map((weight) => weight.read() as tf.Variable),
  });
  expect((await surface.value()).loss).toBeCloseTo(known.dataSync()[0] as number, 5);
  expect(surface.eagerBecause === undefined).toBe(tf.getBackend() === 'tensorflow');
  const operator = await hessian(surface);
  const all = await topEigenvalues(operator, { k: surface.size });
  const sum = all.eigenvalues.reduce((a, b) => a + b);
  // Two ways to one number.
  expect((await trace(operator, { products: 3 * surface.size })).trace).toBeCloseTo(sum, 2);
  surface.dispose();
  expect(tf.memory().numTensors).toBe(numTensors);
  expect(model.getWeights().map((weight) => [...weight.dataSync()])).toEqual(before);
  tf.dispose([known, x, y, ...batches.flat()]);
  model.dispose();
});
