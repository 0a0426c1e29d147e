import { RandomStream } from '@flatmin/core';
import { checkPlugin, describeParameters, type Model } from '@flatmin/core/plugin';
import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import {
  checkCaptured,
  checkGradients,
  checkSaving,
  trainedWeights,
  zeros,
} from '../../blocks/src/modelProofs.fixture.js';
import {
  contextOf,
  expectClose,
  onNative,
  onWasm,
  valuesOf,
  leaveNothing,
  living,
} from '../../blocks/src/testing.fixture.js';
import { checkStatistics, checkTraining } from '../../blocks/src/trainingProofs.fixture.js';
import plugin, { type Architecture, resnet, type ResnetOptions, resnetPlugin } from './index.js';

function create(options: ResnetOptions, inputShape: readonly number[], classes: number, random?: RandomStream): Model {
  return living(resnet(options, contextOf(inputShape, classes, random)));
}

leaveNothing();

(onWasm ? describe.skip : describe)('the weights', () => {
  it.each([
    ['resnet-18', [32, 32, 3], 10, 11_173_962],
    ['wrn-28-10', [32, 32, 3], 10, 36_479_194],
    // Stem 27 x 16 + 2 x 16. With c_0 = 16 and c_k = 16 + 5 k, block k of 54 has kernels of 9 c_(k-1) c_k and 9 c_k
    // c_k, and gamma and beta of c_(k-1), c_k and c_k channels. Then gamma and beta of 286, and 286 x 10 + 10:
    // 464 + 9 (1,558,854 + 1,600,299) + 2 x 8,019 + 4 x 8,289 + 572 + 2,870.
    ['pyramidnet-110', [32, 32, 3], 10, 28_485_477],
    ['resnet-50', [224, 224, 3], 1000, 25_557_032],
  ] as const)('of %s for %p are as many as in the literature', (architecture, inputShape, classes, expected) => {
    expect(trainedWeights(create({ architecture }, inputShape, classes, zeros))).toBe(expected);
  });

  it('have names that tell their roles, and start by He', () => {
    const model = create({ width: 0.25 }, [8, 8, 3], 10);
    const infos = describeParameters(model.variables.filter(({ trainable }) => trainable));
    expect(infos.slice(0, 4).map(({ name, shape, role }) => [name, role, ...shape])).toEqual([
      ['resnet/stem/conv/kernel', 'kernel', 3, 3, 3, 16],
      ['resnet/stem/norm/gamma', 'normalization', 16],
      ['resnet/stem/norm/beta', 'normalization', 16],
      ['resnet/stage1/block1/conv1/kernel', 'kernel', 3, 3, 16, 16],
    ]);
    expect(infos.slice(-2).map(({ name, role }) => [name, role])).toEqual([
      ['resnet/head/kernel', 'kernel'],
      ['resnet/head/bias', 'bias'],
    ]);
    expect(infos.every(({ role }) => role !== 'other')).toBe(true);
    const kernel = model.variables.find(({ name }) => name.endsWith('stage4/block2/conv2/kernel')) as tf.Variable;
    const values = valuesOf(kernel);
    const variance = values.reduce((sum, value) => sum + value * value, 0) / values.length;
    expect(Math.abs(variance / (2 / (9 * 128)) - 1)).toBeLessThan(0.02);
  });

  it('are those of the stream', () => {
    const kernel = (seed: number) =>
      valuesOf(create({ width: 1 / 32 }, [4, 4, 1], 2, new RandomStream(seed)).variables[0] as tf.Variable);
    expect(kernel(1)).toEqual(kernel(1));
    expect(kernel(1)).not.toEqual(kernel(2));
  });

  it('are all that dispose has to free, also when called twice', () => {
    const before = tf.memory().numTensors;
    const model = resnet({ width: 1 / 64 }, contextOf([4, 4, 1], 2));
    // 20 convolutions with 4 of normalization each, and the dense layer.
    expect(model.variables).toHaveLength(20 * 5 + 2);
    expect(tf.memory().numTensors).toBe(before + 102);
    model.dispose();
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

/**
 * Makes each convolution the mean over its input channels (the middle tap of each kernel 1 / inputs) and each
 * normalization, by averages of 0 and 1 - epsilon, the identity; then all channels of an image of one pixel stay alike,
 * and the network is arithmetic.
 */
function simplify(model: Model, gammas: Readonly<Record<string, number>> = {}): void {
  for (const variable of model.variables) {
    const { name, shape } = variable;
    const [height = 1, width = 1, inputs = 1] = shape;
    const values = new Float32Array(variable.size);
    if (name.endsWith('head/kernel')) values.fill(1);
    else if (name.endsWith('kernel')) {
      const size = values.length / (height * width);
      values.fill(1 / inputs, ((height * width - 1) / 2) * size, ((height * width + 1) / 2) * size);
    } else if (name.endsWith('gamma')) {
      values.fill(Object.entries(gammas).find(([end]) => name.endsWith(`${end}/gamma`))?.[1] ?? 1);
    } else if (name.endsWith('moving_variance')) values.fill(1 - 1e-5);
    variable.assign(tf.tensor(values, shape));
  }
}

(onWasm ? describe.skip : describe)('the function', () => {
  const onePixel = (architecture: Architecture, width: number, gammas = {}): number[] => {
    const model = create({ architecture, width }, [1, 1, 1], 2);
    simplify(model, gammas);
    return valuesOf(model.apply(tf.tensor4d([3], [1, 1, 1, 1])));
  };

  it('resnet-18: eight blocks that each add what they get, then the sum over 8 channels', () => {
    // Widths 1, 2, 4, 8. x = 3 doubles 8 times, and the head adds 8 channels.
    expectClose(onePixel('resnet-18', 1 / 64), [3 * 256 * 8, 3 * 256 * 8]);
    // One block that adds 3 times what it gets, another whose shortcut counts 5 times: (1 + 3) / 2 and (1 + 5) / 2
    // times as much.
    const gammas = { 'stage2/block2/norm2': 3, 'stage3/block1/shortcutNorm': 5 };
    expectClose(onePixel('resnet-18', 1 / 64, gammas), [3 * 256 * 8 * 6, 3 * 256 * 8 * 6]);
    // relu after the sum: x - 2 x is negative in the last block.
    expectClose(onePixel('resnet-18', 1 / 64, { 'stage4/block2/norm2': -2 }), [0, 0]);
    // relu within: what norm1 makes negative is gone, and the block adds nothing.
    expectClose(onePixel('resnet-18', 1 / 64, { 'stage1/block1/norm1': -2 }), [3 * 128 * 8, 3 * 128 * 8]);
  });

  it('resnet-50: sixteen bottlenecks', () => {
    // Widths 4, 8, 16, 32 outside of blocks.
    expectClose(onePixel('resnet-50', 1 / 64), [3 * 2 ** 16 * 32, 3 * 2 ** 16 * 32]);
    expectClose(onePixel('resnet-50', 1 / 64, { 'stage3/block6/norm3': 3, 'stage2/block1/norm2': 3 }), [3 * 2 ** 18 * 32, 3 * 2 ** 18 * 32]); // prettier-ignore
    expectClose(onePixel('resnet-50', 1 / 64, { 'stage3/block2/norm1': -1 }), [3 * 2 ** 15 * 32, 3 * 2 ** 15 * 32]);
  });

  it('wrn-28-10: twelve blocks that normalize first', () => {
    // Widths 1 in the stem, then 10, 20, 40.
    expectClose(onePixel('wrn-28-10', 1 / 16), [3 * 2 ** 12 * 40, 3 * 2 ** 12 * 40]);
    // A block whose shape changes takes its shortcut after the normalization: 7 times both. One whose shape stays takes
    // x itself: (1 + 7) / 2.
    expectClose(onePixel('wrn-28-10', 1 / 16, { 'stage2/block1/norm1': 7 }), [7 * 3 * 2 ** 12 * 40, 7 * 3 * 2 ** 12 * 40]); // prettier-ignore
    expectClose(onePixel('wrn-28-10', 1 / 16, { 'stage2/block2/norm1': 7 }), [4 * 3 * 2 ** 12 * 40, 4 * 3 * 2 ** 12 * 40]); // prettier-ignore
    // The last normalization and relu.
    expectClose(onePixel('wrn-28-10', 1 / 16, { '/norm': -1 }), [0, 0]);
  });

  it('pyramidnet-110: blocks that add the mean of what is there to each channel, of which the new ones start at 0', () => {
    // With c channels in and d out, a block gives c channels x + mean and d - c channels mean: the total S becomes S +
    // d S / c.
    const model = create({ architecture: 'pyramidnet-110', width: 1 / 16 }, [1, 1, 1], 2);
    simplify(model);
    const channels = [16, ...Array.from({ length: 54 }, (_, i) => 21 + 5 * i)].map((each) => Math.round(each / 16));
    const total = channels.slice(1).reduce((sum, d, i) => sum + (d * sum) / (channels[i] as number), 3);
    const [first] = valuesOf(model.apply(tf.tensor4d([3], [1, 1, 1, 1])));
    expect(Math.abs((first as number) / total - 1)).toBeLessThan(1e-4);
  });

  it('halves the image thrice or so, and takes the mean over what is left', () => {
    const model = create({ width: 1 / 64 }, [5, 4, 1], 2);
    simplify(model);
    // Strides keep rows 0, 2, 4 and columns 0, 2; then 0, 2 and 0; then 0 and 0.
    const x = tf.tensor4d(Array.from({ length: 20 }, (_, i) => i + 1), [1, 5, 4, 1]); // prettier-ignore
    expectClose(model.apply(x), [256 * 8, 256 * 8]);
  });

  it('normalizes by the batch in training alone, and moves the averages then alone', () => {
    const model = create({ width: 1 / 64 }, [1, 1, 1], 2);
    const statistics = () => model.variables.filter(({ trainable }) => !trainable).flatMap(valuesOf);
    simplify(model);
    const before = statistics();
    const x = tf.tensor4d([1, 3], [2, 1, 1, 1]);
    model.apply(x);
    expect(statistics()).toEqual(before);
    const logits = valuesOf(model.apply(x, { training: true }));
    // The stem makes -1 and 1 of 1 and 3, and relu 0 and 1. A block makes -1 and 1 of whatever two values it gets, and
    // adds what it got (normalized again by the shortcut at stages 2 to 4): 0 2, 0 3; then 0 2, 0 3 in each stage.
    // Eight channels of it.
    expectClose(logits, [0, 0, 24, 24], 1e-3);
    expect(statistics()).not.toEqual(before);
  });

  /**
   * Blocks begin as a tenth of what they add: where 50 layers normalize in turn, the loss is too curved for differences
   * at gamma 1.
   */
  const calm = (model: Model): Model => {
    const last = /block\d+\/(norm3|norm2)\/gamma$/;
    for (const variable of model.variables) if (last.test(variable.name)) tf.tidy(() => variable.assign(tf.fill(variable.shape, 0.1))); // prettier-ignore
    return model;
  };

  // Sides at which the last stage has 2x2 positions: variances of fewer values make the loss too curved as well.
  it.each([
    ['resnet-18', 1 / 16, 16],
    ['wrn-28-10', 1 / 32, 8],
    ['pyramidnet-110', 1 / 16, 8],
    ['resnet-50', 1 / 32, 64],
  ] as const)('%s: its gradients are those of central differences', (architecture, width, side) => {
    const [inputShape, classes] = [[side, side, 2], 3];
    const calmed = () => calm(create({ architecture, width }, inputShape, classes));
    checkGradients({ create: calmed, inputShape, classes }, 3e-4, 0.01);
  });

  it('wrn-28-10 drops values between the convolutions of each block, in training alone', () => {
    const model = create({ architecture: 'wrn-28-10', width: 1 / 16, dropout: 0.999 }, [2, 2, 1], 2);
    const without = create({ architecture: 'wrn-28-10', width: 1 / 16 }, [2, 2, 1], 2);
    const conv1 = (weights: Model) => weights.variables.filter(({ name }) => name.endsWith('conv1/kernel'));
    const x = new RandomStream(3).normal([2, 2, 2, 1]);
    expect(valuesOf(model.apply(x))).toEqual(valuesOf(without.apply(x)));
    // Next to nothing is left of what the first convolutions of blocks give, so that most of their gradients are
    // exactly 0.
    const idle = (of: Model): number => {
      const loss = () => tf.sum<tf.Scalar>(tf.square(of.apply(x, { training: true })));
      const { grads } = tf.variableGrads(loss, conv1(of));
      return Object.values(grads).filter((each) => valuesOf(tf.max(tf.abs(each)))[0] === 0).length;
    };
    expect(conv1(model)).toHaveLength(12);
    expect([idle(without), idle(model) > 6]).toEqual([0, true]);
  });

  it('leaves only the logits behind', () => {
    const model = create({ width: 1 / 32 }, [4, 4, 1], 3);
    const x = tf.ones([2, 4, 4, 1]);
    const before = tf.memory().numTensors;
    model.apply(x, { training: true });
    expect(tf.memory().numTensors).toBe(before + 1);
  });

  it('is saved and loaded by name', () => {
    const [inputShape, classes, options] = [[8, 8, 1], 3, { architecture: 'wrn-28-10', width: 1 / 16 } as const];
    const made = (seed: number) => () => resnet(options, contextOf(inputShape, classes, new RandomStream(seed)));
    checkSaving({ create: made(1), inputShape, classes }, made(2));
  });

  it('works with the training loop, and goes on from a checkpoint with the same bits', () => {
    const [inputShape, classes] = [[4, 4, 1], 3];
    return checkTraining({
      create: () => resnet({ width: 1 / 32 }, contextOf(inputShape, classes)),
      inputShape,
      classes,
    });
  });

  it('has its statistics moved once by a step of SAM', () => {
    const [inputShape, classes] = [[4, 4, 1], 3];
    checkStatistics({ create: () => resnet({ width: 1 / 32 }, contextOf(inputShape, classes)), inputShape, classes });
  });

  (onNative ? it : it.skip).each([
    { width: 1 / 16 },
    { architecture: 'wrn-28-10', width: 1 / 16, dropout: 0.3 },
  ] as const)('takes the same steps of SAM as a graph: %p', (options) => {
    const [inputShape, classes] = [[8, 8, 1], 3];
    checkCaptured({ create: () => resnet(options, contextOf(inputShape, classes)), inputShape, classes });
  });
});

describe('what it refuses', () => {
  const thrown = (action: () => unknown): unknown => {
    try {
      action();
    } catch (error) {
      return error;
    }
    return undefined;
  };

  it.each([
    [
      'SPEC_INVALID',
      { architecture: 'resnet-19' as Architecture },
      [8, 8, 3],
      10,
      /architecture is "resnet-19".*"wrn-28-10"/,
    ],
    ['SPEC_INVALID', { width: 0 }, [8, 8, 3], 10, /width is 0/],
    ['SPEC_INVALID', { width: NaN }, [8, 8, 3], 10, /width is NaN/],
    ['SPEC_INVALID', { dropout: 0.3 }, [8, 8, 3], 10, /dropout is 0.3, and only wrn-28-10.*resnet-18 has none/],
    ['SPEC_INVALID', { architecture: 'wrn-28-10', dropout: 1 }, [8, 8, 3], 10, /dropout is 1/],
    ['DATA_INVALID', {}, [64], 10, /takes images, and inputShape is \[64\]/],
    ['DATA_INVALID', {}, [8, 8, 3], 1, /classes is 1/],
  ] as const)('%s: %p', (code, options, inputShape, classes, message) => {
    const error = thrown(() => resnet(options, contextOf(inputShape, classes)));
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  (onWasm ? it : it.skip)('wasm, before anything is made', () => {
    const error = thrown(() => resnet({}, contextOf([8, 8, 3], 10)));
    expect(error).toMatchObject({ code: 'RUN_INVALID', message: expect.stringMatching(/resnet.*"wasm"/) });
    expect(Object.keys(tf.engine().registeredVariables).filter((name) => name.startsWith('resnet'))).toEqual([]);
  });

  (onWasm ? it.skip : it)('x of another shape', () => {
    const model = create({ width: 1 / 64 }, [4, 4, 1], 2);
    expect(thrown(() => model.apply(tf.ones([2, 4, 4, 3])))).toMatchObject({
      code: 'DATA_INVALID',
      message: expect.stringMatching(/examples of shape \[4,4,1\], x has shape \[2,4,4,3\]/),
    });
  });
});

describe('resnetPlugin', () => {
  it('is a plugin, and the default export', () => {
    expect(() => checkPlugin(resnetPlugin)).not.toThrow();
    expect(plugin).toBe(resnetPlugin);
    expect(resnetPlugin.options.parse({})).toEqual({ architecture: 'resnet-18', width: 1, dropout: 0 });
  });

  it.each([{ architecture: 'resnet-19' }, { width: 0 }, { width: 17 }, { dropout: 1 }, { depth: 18 }])(
    'refuses %p',
    (options) => {
      expect(resnetPlugin.options.safeParse(options).success).toBe(false);
    },
  );

  (onWasm ? it.skip : it)('creates the model of its checked options', () => {
    const options = resnetPlugin.options.parse({ architecture: 'resnet-50', width: 1 / 64 });
    const model = resnetPlugin.create(options, contextOf([8, 8, 3], 10));
    living(model);
    expect(model.description).toBe('resnet-50, width 0.015625, 10 classes');
  });
});
