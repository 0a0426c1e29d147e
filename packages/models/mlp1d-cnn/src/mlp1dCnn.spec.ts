import { RandomStream } from '@flatmin/core';
import { checkPlugin, describeParameters, type Model } from '@flatmin/core/plugin';
import { weightsOf } from '@flatmin/model-blocks';
import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import * as fc from 'fast-check';
import { checkCaptured, checkGradients, checkSaving, trainedWeights } from '../../blocks/src/modelProofs.fixture.js';
import {
  contextOf,
  disposeAll,
  expectClose,
  onNative,
  onWasm,
  valuesOf,
  leaveNothing,
  living,
} from '../../blocks/src/testing.fixture.js';
import { checkTraining } from '../../blocks/src/trainingProofs.fixture.js';
import { halved, halvingConvolution } from './halvingConvolution.js';
import plugin, { mlp1dCnn, type Mlp1dCnnOptions, mlp1dCnnPlugin } from './index.js';

function create(
  options: Mlp1dCnnOptions,
  inputShape: readonly number[],
  classes: number,
  random?: RandomStream,
): Model {
  return living(mlp1dCnn(options, contextOf(inputShape, classes, random)));
}
function set(model: Model, values: Readonly<Record<string, readonly number[]>>): void {
  for (const [name, numbers] of Object.entries(values)) {
    const variable = model.variables.find((each) => each.name.endsWith(name)) as tf.Variable;
    variable.assign(tf.tensor([...numbers], variable.shape, 'float32'));
  }
}

leaveNothing();

describe('halvingConvolution', () => {
  const layerOf = (shape: { inputs: number; outputs: number; size: number }) => {
    const weights = weightsOf('layer', new RandomStream(3));
    living(weights);
    const layer = halvingConvolution(weights, shape);
    const [kernel, bias] = weights.all as [tf.Variable, tf.Variable];
    return { layer, kernel, bias };
  };

  it('sees a zero on each side, and each second position', () => {
    const { layer, kernel, bias } = layerOf({ inputs: 1, outputs: 1, size: 3 });
    kernel.assign(tf.tensor2d([1, 10, 100], [3, 1]));
    bias.assign(tf.tensor1d([0.5]));
    // 0 1 2, 2 3 4 and 4 5 0 of 0 1 2 3 4 5 0: the last step fits once more.
    expectClose(layer(tf.tensor3d([1, 2, 3, 4, 5], [1, 5, 1])), [210.5, 432.5, 54.5]);
    // Of 0 1 2 3 4 0, the last zero is out of reach.
    expectClose(layer(tf.tensor3d([1, 2, 3, 4], [1, 4, 1])), [210.5, 432.5]);
  });

  const size = fc.integer({ min: 1, max: 6 });
  const problems = fc
    .record({
      batch: fc.integer({ min: 1, max: 3 }),
      length: fc.integer({ min: 1, max: 12 }),
      inputs: size,
      outputs: size,
      size,
    })
    .filter((each) => halved(each.length, each.size) > 0);

  it('is conv1d of TensorFlow.js, and so are its gradients where that has them', () => {
    fc.assert(
      fc.property(problems, ({ batch, length, inputs, outputs, size }) => {
        tf.tidy(() => {
          const { layer, kernel, bias } = layerOf({ inputs, outputs, size });
          const x = tf.variable(new RandomStream(length).normal([batch, length, inputs]));
          const given = x as unknown as tf.Tensor3D;
          const reference = () => {
            const padded = tf.pad(given, [[0, 0], [1, 1], [0, 0]]); // prettier-ignore
            return tf.add(tf.conv1d(padded, tf.reshape(kernel, [size, inputs, outputs]), 2, 'valid'), bias);
          };
          const y = layer(given);
          expect(y.shape).toEqual([batch, halved(length, size), outputs]);
          expectClose(y, valuesOf(reference()));
          if (!onWasm) {
            const along = new RandomStream(9).normal(y.shape);
            const gradients = (forward: () => tf.Tensor) => tf.variableGrads(() => tf.sum<tf.Scalar>(tf.mul(forward(), along)), [x, kernel, bias]).grads; // prettier-ignore
            const [ours, theirs] = [gradients(() => layer(given)), gradients(reference)];
            for (const { name } of [x, kernel, bias]) expectClose(ours[name] as tf.Tensor, valuesOf(theirs[name] as tf.Tensor), 1e-4); // prettier-ignore
          }
          x.dispose();
          disposeAll();
        });
      }),
      { numRuns: 25, seed: 1 },
    );
  });
});

describe('the function', () => {
  it('is three convolutions with relu and a dense layer, by hand', () => {
    const model = create({ channels: 1 }, [4], 2);
    set(model, { 'conv1/kernel': [0, 1, 0, 0, 0], 'conv1/bias': [1], 'conv2/kernel': [0, -1, 0], 'conv2/bias': [7], 'conv3/kernel': [0, 2, 5], 'conv3/bias': [0] }); // prettier-ignore
    set(model, { 'head/kernel': [1, -3], 'head/bias': [0.5, 0] });
    // conv1 of 5 in 0 1 2 3 4 0 has a single position, whose second value is 1: 1 + 1 = 2. conv2: 7 - 2 = 5. conv3: 2 x
    // 5 = 10.
    expectClose(model.apply(tf.tensor2d([[1, 2, 3, 4]])), [10.5, -30]);
    // relu after each: 7 - 9 is negative, and nothing is left but the bias of the head.
    expectClose(model.apply(tf.tensor2d([[8, 2, 3, 4]])), [0.5, 0]);
  });

  it('takes several channels', () => {
    const model = create({ channels: 3 }, [40, 2], 4);
    expect(model.apply(tf.ones([5, 40, 2])).shape).toEqual([5, 4]);
    expect(model.description).toBe('mlp1d-cnn 40x2, 3 channels, 4 classes');
  });

  it('has the gradients of central differences', () => {
    const [inputShape, classes] = [[12, 2], 3];
    checkGradients({ create: () => create({ channels: 4 }, inputShape, classes), inputShape, classes });
  });

  it('leaves only the logits behind', () => {
    const model = create({}, [40], 10);
    const x = tf.ones([2, 40]);
    const before = tf.memory().numTensors;
    model.apply(x, { training: true });
    expect(tf.memory().numTensors).toBe(before + 1);
  });

  it('is saved and loaded by name', () => {
    const [inputShape, classes] = [[9], 3];
    const made = (seed: number) => () =>
      mlp1dCnn({ channels: 2 }, contextOf(inputShape, classes, new RandomStream(seed)));
    checkSaving({ create: made(1), inputShape, classes }, made(2));
  });

  it('works with the training loop, and goes on from a checkpoint with the same bits', () => {
    const [inputShape, classes] = [[12], 3];
    return checkTraining({
      create: () => mlp1dCnn({ channels: 4 }, contextOf(inputShape, classes)),
      inputShape,
      classes,
    });
  });

  (onNative ? it : it.skip)('takes the same steps of SAM as a graph', () => {
    const [inputShape, classes] = [[12], 3];
    checkCaptured({ create: () => mlp1dCnn({ channels: 4 }, contextOf(inputShape, classes)), inputShape, classes });
  });
});

describe('the weights', () => {
  it('are as many as in the paper', () => {
    // 5 x 25 + 25, twice 3 x 25 x 25 + 25, and 5 x 25 x 10 + 10.
    expect(trainedWeights(create({}, [40], 10))).toBe(5210);
  });

  it('have names that tell their roles, and start within 1 / sqrt(inputs)', () => {
    const model = create({}, [40], 10);
    const infos = describeParameters(model.variables);
    expect(infos.map(({ name, role, shape }) => [name, role, ...shape])).toEqual([
      ['mlp1d-cnn/conv1/kernel', 'kernel', 5, 25],
      ['mlp1d-cnn/conv1/bias', 'bias', 25],
      ['mlp1d-cnn/conv2/kernel', 'kernel', 75, 25],
      ['mlp1d-cnn/conv2/bias', 'bias', 25],
      ['mlp1d-cnn/conv3/kernel', 'kernel', 75, 25],
      ['mlp1d-cnn/conv3/bias', 'bias', 25],
      ['mlp1d-cnn/head/kernel', 'kernel', 125, 10],
      ['mlp1d-cnn/head/bias', 'bias', 10],
    ]);
    [5, 5, 75, 75, 75, 75, 125, 125].forEach((inputs, i) => {
      const largest = Math.max(...valuesOf(model.variables[i] as tf.Variable).map(Math.abs));
      // At least 10 numbers: all of them below 0.7 of the bound has a chance of 0.7^10 or less.
      expect(largest).toBeLessThanOrEqual(1 / Math.sqrt(inputs));
      expect(largest).toBeGreaterThan(0.7 / Math.sqrt(inputs));
    });
  });

  it('are those of the stream, and all that dispose has to free', () => {
    const kernel = (seed: number) => valuesOf(create({}, [8], 2, new RandomStream(seed)).variables[0] as tf.Variable);
    expect(kernel(1)).toEqual(kernel(1));
    expect(kernel(1)).not.toEqual(kernel(2));
    const before = tf.memory().numTensors;
    const model = mlp1dCnn({}, contextOf([8], 2));
    model.dispose();
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('what it refuses', () => {
  it.each([
    ['SPEC_INVALID', { channels: 0 }, [40], 10, /channels is 0/],
    ['SPEC_INVALID', { channels: 1.5 }, [40], 10, /channels is 1.5/],
    ['DATA_INVALID', {}, [28, 28, 1], 10, /takes sequences, and inputShape is \[28,28,1\]/],
    ['DATA_INVALID', {}, [2], 10, /inputShape is \[2\].*at least 3 long/],
    ['DATA_INVALID', {}, [40], 1, /classes is 1/],
  ])('%s: %p for %p', (code, options, inputShape, classes, message) => {
    const attempt = () => mlp1dCnn(options, contextOf(inputShape, classes));
    expect(attempt).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
  });

  it('x of another shape', () => {
    const model = create({}, [40], 10);
    const error = expect.objectContaining({ code: 'DATA_INVALID', message: expect.stringMatching(/shape \[40\].*\[2,39\]/) }); // prettier-ignore
    expect(() => model.apply(tf.ones([2, 39]))).toThrow(error);
  });
});

describe('mlp1dCnnPlugin', () => {
  it('is a plugin, the default export, and creates the model of its checked options', () => {
    expect(() => checkPlugin(mlp1dCnnPlugin)).not.toThrow();
    expect(plugin).toBe(mlp1dCnnPlugin);
    expect(mlp1dCnnPlugin.options.parse({})).toEqual({ channels: 25 });
    const model = mlp1dCnnPlugin.create({ channels: 7 }, contextOf([40], 10));
    living(model);
    expect(model.description).toBe('mlp1d-cnn 40x1, 7 channels, 10 classes');
  });

  it.each([{ channels: 0 }, { channels: 2.5 }, { kernel: 5 }])('refuses %p', (options) => {
    expect(mlp1dCnnPlugin.options.safeParse(options).success).toBe(false);
  });
});
