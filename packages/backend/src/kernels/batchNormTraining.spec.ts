import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { hasNativeBackend } from '../load/child.fixture.js';
import { loadBackend, type BackendName } from '../index.js';
import { expectClose, on, opsOf, tidied, type Values, valuesOf } from './native.fixture.js';

const before = tf.getBackend() as BackendName;
const native = hasNativeBackend();
beforeAll(async () => {
  if (native) await loadBackend('tensorflow');
});
afterAll(() => loadBackend(before));

/** A layer, its input, and what its output is weighed by: loss = sum (w y). */
interface Problem {
  readonly shape: readonly number[];
  readonly axis?: number;
  readonly seed: number;
}

/** Everything that a training step sees of the layer, on one backend. */
interface Seen {
  readonly y: Values;
  readonly gradients: readonly Values[];
  readonly averages: readonly Values[];
}

const inputOf = ({ shape, seed }: Problem): tf.Tensor =>
  tf.add(tf.mul(tf.randomNormal([...shape], 0, 1, 'float32', seed), 3), 1.5);

function layerOf({ shape, axis = -1, seed }: Problem, options = {}): tf.layers.Layer {
  const layer = tf.layers.batchNormalization({ axis, momentum: 0.8, epsilon: 1e-3, ...options });
  layer.build([...shape]);
  const weights = layer.getWeights().map((weight, i) => tf.randomUniform(weight.shape, 0.5, 2, 'float32', seed + i));
  layer.setWeights(weights);
  tf.dispose(weights);
  return layer;
}

const trainedBy = (layer: tf.layers.Layer): tf.Variable[] =>
  layer.trainableWeights.map((weight) => (weight as unknown as { readonly val: tf.Variable }).val);
const dispose = (layer: tf.layers.Layer): void => layer.weights.forEach((weight) => weight.dispose());

/** `steps` passes with gradients, after which the values of the last are returned. */
function train(problem: Problem, steps = 1): Seen {
  return tidied(() => {
    const layer = layerOf(problem);
    const x = tf.variable(inputOf(problem));
    const weighing = tf.randomNormal([...problem.shape], 0, 1, 'float32', problem.seed + 7);
    const variables = [x, ...trainedBy(layer)];
    let y: tf.Tensor | undefined;
    const loss = (): tf.Scalar => {
      y = layer.apply(x, { training: true }) as tf.Tensor;
      tf.keep(y);
      return tf.sum(tf.mul(y, weighing));
    };
    let gradients: readonly Values[] = [];
    let output: Values = [];
    for (let step = 0; step < steps; step++) {
      const { grads } = tf.variableGrads(loss, variables);
      gradients = variables.map(({ name }) => valuesOf(grads[name] as tf.Tensor));
      output = valuesOf(y as unknown as tf.Tensor);
      tf.dispose(y);
    }
    const averages = layer.nonTrainableWeights.map((weight) => valuesOf(weight.read()));
    x.dispose();
    dispose(layer);
    return { y: output, gradients, averages };
  });
}

function expectAlike(actual: Seen, expected: Seen): void {
  expectClose(actual.y, expected.y, 2e-5);
  // Sums over the batch, of terms that cancel.
  expected.gradients.forEach((values, i) => expectClose(actual.gradients[i] as Values, values, 2e-4));
  expected.averages.forEach((values, i) => expectClose(actual.averages[i] as Values, values, 1e-5));
}

const size = fc.integer({ min: 1, max: 5 });
const problems = fc
  .record({
    shape: fc.oneof(fc.tuple(fc.integer({ min: 2, max: 9 }), size), fc.tuple(size, size, size, size)),
    seed: fc.integer({ min: 1, max: 1e6 }),
  })
  // Where a channel has few values, tiny differences of variance are large ones of 1 / sqrt(variance).
  .filter(({ shape }) => shape.slice(0, -1).reduce((product, each) => product * each, 1) > 3);

(native ? describe : describe.skip)('batch normalization in training on the native backend', () => {
  it('agrees with the layer of TF.js on cpu: output, all gradients, moving averages', async () => {
    await fc.assert(
      fc.asyncProperty(problems, async (problem) => {
        expectAlike(train(problem, 2), await on('cpu', () => train(problem, 2)));
      }),
      { numRuns: 25 },
    );
  });

  it('is one op forward and one for the gradients', () => {
    const names = opsOf(() => train({ shape: [4, 3, 3, 2], seed: 1 }));
    expect(names.filter((name) => name.startsWith('FusedBatchNorm'))).toEqual([
      'FusedBatchNormV3',
      'FusedBatchNormGradV3',
    ]);
    expect(names).not.toContain('Mean');
  });

  it('gives numbers worked by hand', () => {
    tf.tidy(() => {
      const layer = tf.layers.batchNormalization({ momentum: 0.9, epsilon: 0.5 });
      const x = tf.tensor2d([1, 2, 4, 9], [4, 1]);
      // Mean 4, squared distances 9 + 4 + 0 + 25 = 38, variance 38 / 4 = 9.5, sqrt(9.5 + 0.5) = sqrt(10).
      const y = layer.apply(x, { training: true }) as tf.Tensor;
      expectClose(
        valuesOf(y),
        [-3, -2, 0, 5].map((distance) => distance / Math.sqrt(10)),
        1e-6,
      );
      // 0.9 x 0 + 0.1 x 4 and 0.9 x 1 + 0.1 x 9.5, not 0.1 x 38 / 3.
      expectClose(layer.getWeights().slice(2).flatMap(valuesOf), [0.4, 1.85], 1e-6);
      dispose(layer);
    });
  });

  it.each<[string, Problem, object]>([
    ['inference', { shape: [4, 3], seed: 5 }, { training: false }],
    ['a single value a channel', { shape: [1, 3], seed: 2 }, { training: true }],
    ['rank 3', { shape: [2, 3, 4], seed: 3 }, { training: true }],
    ['channels first', { shape: [2, 3, 4, 4], axis: 1, seed: 4 }, { training: true }],
  ])('leaves %s to TF.js', (_, problem, kwargs) => {
    const layer = layerOf(problem);
    const names = opsOf(() => tf.tidy(() => void layer.apply(inputOf(problem), kwargs)));
    expect(names.length).toBeGreaterThan(1);
    expect(names).not.toContain('FusedBatchNormV3');
    dispose(layer);
  });

  it('has a second derivative, which the fused kernel has not', async () => {
    const second = (): Values =>
      tidied(() => {
        const layer = layerOf({ shape: [4, 1], seed: 6 });
        const cube = (x: tf.Tensor): tf.Tensor => tf.sum(tf.pow(layer.apply(x, { training: true }) as tf.Tensor, 3));
        const values = valuesOf(tf.grad((x) => tf.sum(tf.square(tf.grad(cube)(x))))(tf.tensor2d([1, 2, 4, 9], [4, 1])));
        dispose(layer);
        return values;
      });
    const expected = await on('cpu', second);
    expect(Math.max(...expected.map(Math.abs))).toBeGreaterThan(0.01);
    expectClose(second(), expected, 1e-4);
  });

  it('serves a SAM step: a second pass with moved weights, then the first weights again', async () => {
    const problem = { shape: [6, 2, 2, 3], seed: 8 };
    const samStep = (): readonly Values[] =>
      tidied(() => {
        const layer = layerOf(problem);
        const x = inputOf(problem);
        const variables = trainedBy(layer);
        const loss = (): tf.Scalar => tf.mean(tf.pow(layer.apply(x, { training: true }) as tf.Tensor, 4));
        const gradient = (): tf.Tensor[] => Object.values(tf.variableGrads(loss, variables).grads);
        const saved = variables.map((variable) => tf.clone(variable as tf.Tensor));
        const clean = gradient();
        const norm = tf.sqrt(tf.addN(clean.map((each) => tf.sum(tf.square(each)))));
        variables.forEach((variable, i) => {
          variable.assign(tf.add(saved[i] as tf.Tensor, tf.div(tf.mul(clean[i] as tf.Tensor, 0.1), norm)));
        });
        const perturbed = gradient();
        variables.forEach((variable, i) => variable.assign(saved[i] as tf.Tensor));
        const values = [...clean, ...perturbed, ...layer.getWeights()].map(valuesOf);
        dispose(layer);
        return values;
      });
    const expected = await on('cpu', samStep);
    samStep().forEach((values, i) => expectClose(values, expected[i] as Values, 1e-4));
  });

  it('leaves no tensor behind, in a tidy and outside', () => {
    const problem = { shape: [4, 3, 3, 2], seed: 9 };
    const layer = layerOf(problem);
    const x = inputOf(problem);
    const variables = trainedBy(layer);
    const { numTensors, numDataBuffers, numBytes } = tf.memory();
    const pass = (): tf.Tensor => layer.apply(x, { training: true }) as tf.Tensor;
    pass().dispose();
    tf.tidy(pass).dispose();
    const { value, grads } = tf.variableGrads(() => tf.sum(tf.square(pass())), variables);
    tf.dispose([value, ...Object.values(grads)]);
    expect(tf.memory()).toMatchObject({ numTensors, numDataBuffers, numBytes });
    dispose(layer);
    x.dispose();
  });

  it('saves and loads as before', async () => {
    const model = tf.sequential({ layers: [tf.layers.batchNormalization({ inputShape: [3], momentum: 0.7 })] });
    const x = tf.randomNormal([8, 3]);
    tf.dispose(model.apply(x, { training: true }) as tf.Tensor);
    let saved: tf.io.ModelArtifacts | undefined;
    await model.save(
      tf.io.withSaveHandler(async (artifacts) => {
        saved = artifacts;
        return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
      }),
    );
    const loaded = await tf.loadLayersModel(tf.io.fromMemory(saved as unknown as tf.io.ModelArtifacts));
    expect(loaded.layers[0]?.getConfig()).toEqual(model.layers[0]?.getConfig());
    const [expected, actual] = [model, loaded].map((each) => valuesOf(each.predict(x) as tf.Tensor));
    expect(actual).toEqual(expected);
    tf.dispose(x);
    model.dispose();
    loaded.dispose();
  });
});
