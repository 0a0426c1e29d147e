import { RandomStream } from '@flatmin/core';
import { checkPlugin, describeParameters, type Model } from '@flatmin/core/plugin';
import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import * as fc from 'fast-check';
import { checkCaptured, checkGradients, checkSaving } from '../../blocks/src/modelProofs.fixture.js';
import { contextOf, leaveNothing, living } from '../../blocks/src/testing.fixture.js';
import plugin, { mlp, mlpPlugin, type MlpOptions } from './index.js';

const context = (inputShape: readonly number[], classes: number, seed = 1) =>
  contextOf(inputShape, classes, new RandomStream(seed));
function create(options: MlpOptions, inputShape: readonly number[], classes: number, seed?: number): Model {
  return living(mlp(options, context(inputShape, classes, seed)));
}
function assign(model: Model, values: readonly (readonly number[])[]): void {
  model.variables.forEach((variable, i) =>
    variable.assign(tf.tensor(Float32Array.from(values[i] ?? []), variable.shape)),
  );
}

leaveNothing();

describe('the function', () => {
  const weights = [
    [1, -1, 0, -2],
    [0.5, 1],
    [2, -1, 3, 1],
    [0.25, -0.25],
  ];

  it('relu: two layers by hand', () => {
    const model = create({ hidden: [2] }, [2], 2);
    assign(model, weights);
    // hidden: [1*1 + 2*0 + .5, 1*(-1) + 2*(-2) + 1] = [1.5, -4] -> [1.5, 0]; logits [1.5*2 + .25, 1.5*(-1) - .25]
    expect([...model.apply(tf.tensor2d([[1, 2]])).dataSync()]).toEqual([3.25, -1.75]);
  });

  it('tanh: two layers by hand', () => {
    const model = create({ hidden: [2], activation: 'tanh' }, [2], 2);
    assign(model, weights);
    const [a, b] = [Math.tanh(1.5), Math.tanh(-4)];
    const logits = model.apply(tf.tensor2d([[1, 2]])).dataSync();
    expect(logits[0]).toBeCloseTo(2 * a + 3 * b + 0.25, 5);
    expect(logits[1]).toBeCloseTo(-a + b - 0.25, 5);
  });

  it('no hidden layer: softmax regression, without an activation', () => {
    const model = create({ hidden: [] }, [2], 2);
    assign(model, [
      [1, -1, 0, -2],
      [0.5, 1],
    ]);
    expect([...model.apply(tf.tensor2d([[1, 2]])).dataSync()]).toEqual([1.5, -4]);
  });

  it('has the gradient worked by hand', () => {
    const model = create({ hidden: [2] }, [2], 2);
    assign(model, weights);
    const { value, grads } = tf.variableGrads(() => tf.sum<tf.Scalar>(model.apply(tf.tensor2d([[1, 2]]))));
    expect(value.dataSync()[0]).toBe(1.5);
    const byHand = [
      // The second hidden unit is off; the first gets 2 - 1 = 1 from both logits, times x = [1, 2].
      [1, 0, 2, 0],
      [1, 0],
      [1.5, 1.5, 0, 0],
      [1, 1],
    ];
    model.variables.forEach(({ name }, i) => expect([...(grads[name] as tf.Tensor).dataSync()]).toEqual(byHand[i]));
  });

  it('flattens inputs of higher rank', () => {
    const model = create({ hidden: [3] }, [2, 2, 1], 3);
    const values = [1, 2, 3, 4, 5, 6, 7, 8];
    const images = model.apply(tf.tensor4d(values, [2, 2, 2, 1]));
    expect(images.shape).toEqual([2, 3]);
    expect([...images.dataSync()]).toEqual([...model.apply(tf.tensor2d(values, [2, 4])).dataSync()]);
  });

  it('takes three ops per hidden layer and two for the logits', async () => {
    const model = create({ hidden: [4, 4] }, [3], 2);
    const x = tf.ones<tf.Rank.R2>([5, 3]);
    const { kernelNames } = await tf.profile(() => model.apply(x));
    expect(new Set(kernelNames)).toEqual(new Set(['BatchMatMul', 'Add', 'Relu']));
  });

  it('leaves only the logits behind', () => {
    const model = create({}, [2, 2], 3);
    const x = tf.ones([5, 2, 2]);
    const before = tf.memory().numTensors;
    model.apply(x, { training: true });
    expect(tf.memory().numTensors).toBe(before + 1);
  });

  it.each([[[5, 3]], [[4]], [[]]])('refuses x of shape %p', (shape) => {
    const model = create({}, [4], 3);
    expect(() => model.apply(tf.ones(shape))).toThrow(
      expect.objectContaining({ code: 'DATA_INVALID', message: expect.stringContaining('takes 4 values per example') }),
    );
  });
});

describe('normalization', () => {
  it.each(['batch', 'layer'] as const)('%s: of the hidden layer, before the activation, by hand', (normalization) => {
    const model = create({ hidden: [2], normalization }, [2], 2);
    const named = (end: string) => model.variables.find(({ name }) => name.endsWith(end)) as tf.Variable;
    const set = (end: string, values: number[]) => named(end).assign(tf.tensor(values, named(end).shape));
    set('dense1/kernel', [1, 0, 0, 1]);
    set('gamma', [2, 3]);
    set('beta', [1, 0.5]);
    set('dense2/kernel', [1, 0, 0, 1]);
    const x = tf.tensor2d([[1, 7], [3, 5]]); // prettier-ignore
    // By columns: 1 and 3 become -1 and 1, 7 and 5 become 1 and -1. By rows: the smaller -1, the larger 1.
    const [first, second] = [[-1, 1], [1, -1]]; // prettier-ignore
    const rows = normalization === 'batch' ? [first, second] : [first, first];
    const byHand = (rows as number[][]).flatMap(([a = 0, b = 0]) => [Math.max(0, 2 * a + 1), Math.max(0, 3 * b + 0.5)]);
    const logits = model.apply(x, { training: true }).dataSync();
    byHand.forEach((value, i) => expect(logits[i]).toBeCloseTo(value, 4));
  });

  it('batch: moves its averages in training, and uses them otherwise', () => {
    const model = create({ hidden: [1], normalization: 'batch' }, [1], 2);
    const named = (end: string) => model.variables.find(({ name }) => name.endsWith(end)) as tf.Variable;
    named('dense1/kernel').assign(tf.tensor2d([[1]]));
    model.apply(tf.tensor2d([[1], [3]]), { training: true });
    // A tenth of the way from 0 to the mean 2, and from 1 to the variance 1.
    expect(named('moving_mean').dataSync()[0]).toBeCloseTo(0.2, 6);
    expect(named('moving_variance').dataSync()[0]).toBeCloseTo(1, 6);
    named('dense2/kernel').assign(tf.tensor2d([[1, 0]]));
    expect(model.apply(tf.tensor2d([[1.2]])).dataSync()[0]).toBeCloseTo(1, 4);
    expect(named('moving_mean').dataSync()[0]).toBeCloseTo(0.2, 6);
  });

  it('gives roles: gamma and beta are of a normalization, averages are not trained', () => {
    const model = create({ hidden: [3], normalization: 'batch' }, [2], 2);
    const roles = describeParameters(model.variables.filter(({ trainable }) => trainable)).map(({ role }) => role);
    expect(roles).toEqual(['kernel', 'bias', 'normalization', 'normalization', 'kernel', 'bias']);
    expect(model.variables.filter(({ trainable }) => !trainable).map(({ name }) => name)).toEqual([
      'mlp/dense1/moving_mean',
      'mlp/dense1/moving_variance',
    ]);
    expect(model.description).toBe('mlp 2-3-2 relu batch norm');
  });

  it('does not change how the other weights start', () => {
    const kernels = (normalization: 'none' | 'layer') =>
      create({ hidden: [4], normalization }, [3], 2)
        .variables.filter(({ rank }) => rank === 2)
        .map((kernel) => [...kernel.dataSync()]);
    expect(kernels('layer')).toEqual(kernels('none'));
  });

  it.each(['batch', 'layer'] as const)('%s: right gradients, saved whole, and the same as a graph', (normalization) => {
    const [inputShape, classes] = [[6], 3];
    const made = (seed: number) => () => mlp({ hidden: [5, 4], normalization }, context(inputShape, classes, seed));
    const subject = { create: made(1), inputShape, classes };
    checkGradients({ ...subject, create: () => living(made(1)()) });
    checkSaving(subject, made(2));
    if (tf.getBackend() === 'tensorflow') checkCaptured(subject);
  });
});

describe('the weights', () => {
  it('are kernels [in, out] and biases [out] of all layers, trainable float32, with roles by their names', () => {
    const model = create({ hidden: [5, 6] }, [2, 2], 3);
    const infos = describeParameters(model.variables);
    expect(infos.map(({ shape, role }) => [role, ...shape])).toEqual([
      ['kernel', 4, 5],
      ['bias', 5],
      ['kernel', 5, 6],
      ['bias', 6],
      ['kernel', 6, 3],
      ['bias', 3],
    ]);
    expect(infos[2]?.name).toBe('mlp/dense2/kernel');
    expect(model.variables.every(({ trainable, dtype }) => trainable && dtype === 'float32')).toBe(true);
    expect(model.description).toBe('mlp 4-5-6-3 relu');
  });

  it('start at 100 and 100 hidden units', () => {
    expect(create({}, [40], 10).description).toBe('mlp 40-100-100-10 relu');
  });

  it.each([
    ['relu', Math.sqrt(2 / 400)],
    ['tanh', Math.sqrt(2 / (400 + 100))],
  ] as const)('start by the rule of %s', (activation, deviation) => {
    const [kernel, bias] = create({ hidden: [100], activation }, [400], 2).variables as [tf.Variable, tf.Variable];
    const values = kernel.dataSync<'float32'>();
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + value * value, 0) / values.length;
    // 40,000 numbers: the standard errors are 1/200 and 1/283 of the deviation.
    expect(Math.abs(mean)).toBeLessThan(deviation / 40);
    expect(Math.abs(Math.sqrt(variance) / deviation - 1)).toBeLessThan(0.02);
    expect(bias.dataSync().every((value) => value === 0)).toBe(true);
  });

  it('are those of the stream: the same for a seed, others for another, no layer like the next', () => {
    const kernels = (seed: number) => {
      const model = create({ hidden: [4, 4] }, [4], 4, seed);
      return model.variables.filter(({ rank }) => rank === 2).map((kernel) => [...kernel.dataSync()]);
    };
    expect(kernels(1)).toEqual(kernels(1));
    expect(kernels(1)).not.toEqual(kernels(2));
    const [first, second, third] = kernels(1);
    expect(first).not.toEqual(second);
    expect(second).not.toEqual(third);
    const normals = new RandomStream(1).at('mlp').at('kernel').at(0).normals(16);
    expect(first).toEqual([...Float32Array.from(normals, (value) => value * Math.sqrt(2 / 4))]);
  });

  it('have names of their own while other models live, and come back to them', () => {
    const scope = (model: Model) => model.variables[0]?.name.split('/')[0];
    const [first, second] = [create({}, [2], 2), create({}, [2], 2)];
    expect([scope(first), scope(second)]).toEqual(['mlp', 'mlp_1']);
    first.dispose();
    expect([scope(create({}, [2], 2)), scope(create({}, [2], 2))]).toEqual(['mlp', 'mlp_2']);
  });

  it('are all that dispose has to free, also when called twice', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 4 }),
        fc.integer({ min: 2, max: 5 }),
        (hidden, classes) => {
          const before = tf.memory().numTensors;
          const model = mlp({ hidden }, context([3], classes));
          expect(tf.memory().numTensors).toBe(before + 2 * (hidden.length + 1));
          expect(tf.tidy(() => model.apply(tf.ones([2, 3])).shape)).toEqual([2, classes]);
          model.dispose();
          model.dispose();
          expect(tf.memory().numTensors).toBe(before);
        },
      ),
      { numRuns: 20 },
    );
  });
});

describe('what it refuses', () => {
  it.each([
    ['SPEC_INVALID', { hidden: [4, 0] }, context([2], 2), /hidden is \[4,0\]/],
    ['SPEC_INVALID', { normalization: 'group' as 'layer' }, context([2], 2), /normalization is "group"/],
    ['SPEC_INVALID', { activation: 'gelu' as 'relu' }, context([2], 2), /activation is "gelu"/],
    ['DATA_INVALID', {}, context([2, -1], 2), /inputShape is \[2,-1\]/],
    ['DATA_INVALID', {}, context([2], 1), /classes is 1/],
  ])('%s: %p', (code, options, where, message) => {
    expect(() => mlp(options, where)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });
});

describe('mlpPlugin', () => {
  it('is a plugin, and the default export', () => {
    expect(() => checkPlugin(mlpPlugin)).not.toThrow();
    expect(plugin).toBe(mlpPlugin);
  });

  it('creates the model of its checked options', () => {
    expect(mlpPlugin.options.parse({})).toEqual({ hidden: [100, 100], activation: 'relu', normalization: 'none' });
    const model = mlpPlugin.create(mlpPlugin.options.parse({ hidden: [7], activation: 'tanh' }), context([3], 2));
    living(model);
    expect(model.description).toBe('mlp 3-7-2 tanh');
  });

  it.each([
    { hidden: [0] },
    { hidden: [1.5] },
    { hidden: 3 },
    { activation: 'gelu' },
    { normalization: true },
    { layers: 2 },
  ])('refuses %p', (options) => {
    expect(mlpPlugin.options.safeParse(options).success).toBe(false);
  });
});
