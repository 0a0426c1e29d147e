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
  valuesOf,
  leaveNothing,
  living,
  shake,
  valueOf,
} from '../../blocks/src/testing.fixture.js';
import { checkTraining } from '../../blocks/src/trainingProofs.fixture.js';
import plugin, { vit, type VitOptions, vitPlugin } from './index.js';
import { plainVit } from './plainVit.fixture.js';

function create(options: VitOptions, inputShape: readonly number[], classes: number, random?: RandomStream): Model {
  return living(vit(options, contextOf(inputShape, classes, random)));
}
const tiny = { patch: 2, width: 6, depth: 2, heads: 3, mlpRatio: 2 };

leaveNothing();

describe('the weights', () => {
  it('of ViT-S/16 for 224x224 and 1000 classes are as many as in the literature', () => {
    expect(trainedWeights(create({}, [224, 224, 3], 1000, zeros))).toBe(22_050_664);
  });

  it('of a small one are as many as its formula says', () => {
    const [width, depth, classes] = [192, 6, 10];
    const model = create({ patch: 4, width, depth, heads: 3 }, [32, 32, 3], classes, zeros);
    // A block: qkv and out 4 width^2 + 4 width, MLP 8 width^2 + 5 width, two norms 4 width. Patches of 48 pixels, 64 of
    // them.
    const expected = depth * (12 * width ** 2 + 13 * width) + 48 * width + width + width + 65 * width + 2 * width + width * classes + classes; // prettier-ignore
    expect(trainedWeights(model)).toBe(expected);
  });

  it('have names that tell their roles', () => {
    const infos = describeParameters(create(tiny, [4, 4, 1], 3).variables);
    expect(infos.slice(0, 6).map(({ name, role, shape }) => [name, role, ...shape])).toEqual([
      ['vit/patch/kernel', 'kernel', 4, 6],
      ['vit/patch/bias', 'bias', 6],
      ['vit/class/embedding', 'embedding', 1, 6],
      ['vit/position/embeddings', 'embedding', 5, 6],
      ['vit/block1/norm1/gamma', 'normalization', 6],
      ['vit/block1/norm1/beta', 'normalization', 6],
    ]);
    expect(infos.every(({ role }) => role !== 'other')).toBe(true);
  });

  it('start by a truncated normal of 0.02, biases and beta at 0, gamma at 1', () => {
    const model = create({ patch: 4, width: 64, depth: 1, heads: 2 }, [8, 8, 3], 10);
    for (const variable of model.variables) {
      const values = valuesOf(variable);
      if (/bias|beta/.test(variable.name)) expect(values.every((value) => value === 0)).toBe(true);
      else if (variable.name.endsWith('gamma')) expect(values.every((value) => value === 1)).toBe(true);
      else {
        expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(Math.fround(0.04));
        const deviation = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
        // 64 numbers at least: the standard error is a twelfth at most.
        expect(Math.abs(deviation / (0.8796 * 0.02) - 1)).toBeLessThan(0.3);
      }
    }
  });

  it('are those of the stream, and all that dispose has to free', () => {
    const kernel = (seed: number) =>
      valuesOf(create(tiny, [4, 4, 1], 3, new RandomStream(seed)).variables[0] as tf.Variable);
    expect(kernel(1)).toEqual(kernel(1));
    expect(kernel(1)).not.toEqual(kernel(2));
    const before = tf.memory().numTensors;
    const model = vit(tiny, contextOf([4, 4, 1], 3));
    model.dispose();
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('the function', () => {
  it('is that of loops over numbers', () => {
    const model = shake(create(tiny, [4, 4, 2], 3));
    const images = [1, 2].map((seed) => [...new RandomStream(seed).normals(32)]);
    const logits = model.apply(tf.tensor4d(images.flat(), [2, 4, 4, 2]));
    expect(logits.shape).toEqual([2, 3]);
    const sizes = { ...tiny, side: 4, channels: 2 };
    expectClose(logits, images.flatMap((image) => plainVit(image, valueOf(model), sizes)), 1e-5); // prettier-ignore
  });

  it('has the gradients of central differences', () => {
    const [inputShape, classes] = [[4, 4, 2], 3];
    checkGradients({ create: () => shake(create(tiny, inputShape, classes)), inputShape, classes }, 3e-3);
  });

  it.each([
    [[32, 32, 3], 4],
    [[28, 28, 1], 7],
  ])('takes images of %p in patches of %d', (inputShape, patch) => {
    const model = create({ patch, width: 8, depth: 1, heads: 2 }, inputShape, 10);
    expect(model.apply(tf.ones([2, ...inputShape])).shape).toEqual([2, 10]);
    expect(model.description).toBe(`vit of patches ${patch}x${patch}, width 8, depth 1, 2 heads, 10 classes`);
  });

  it('leaves only the logits behind', () => {
    const model = create(tiny, [4, 4, 1], 3);
    const x = tf.ones([2, 4, 4, 1]);
    const before = tf.memory().numTensors;
    model.apply(x, { training: true });
    expect(tf.memory().numTensors).toBe(before + 1);
  });

  it('is saved and loaded by name', () => {
    const [inputShape, classes] = [[4, 4, 1], 3];
    const made = (seed: number) => () => vit(tiny, contextOf(inputShape, classes, new RandomStream(seed)));
    checkSaving({ create: made(1), inputShape, classes }, made(2));
  });

  it('works with the training loop, and goes on from a checkpoint with the same bits', () => {
    const [inputShape, classes] = [[4, 4, 1], 3];
    return checkTraining({ create: () => vit(tiny, contextOf(inputShape, classes)), inputShape, classes });
  });

  it('drops values in four places of a network of one block, in training alone', async () => {
    const [inputShape, classes] = [[4, 4, 1], 3];
    const options = { ...tiny, depth: 1 };
    const [model, without] = [
      create({ ...options, dropout: 0.5 }, inputShape, classes),
      create(options, inputShape, classes),
    ];
    const x = new RandomStream(3).normal([2, ...inputShape]);
    expect(valuesOf(model.apply(x))).toEqual(valuesOf(without.apply(x)));
    const comparisons = async (of: Model, training: boolean) =>
      (await tf.profile(() => of.apply(x, { training }))).kernels.filter(({ name }) => name === 'GreaterEqual').map(({ outputShapes }) => outputShapes[0]); // prettier-ignore
    expect(await comparisons(model, false)).toEqual([]);
    expect(await comparisons(without, true)).toEqual([]);
    // 2 images of 4 patches and a class token, 6 wide: the embedding, attention, the hidden units, the MLP.
    expect(await comparisons(model, true)).toEqual([[10, 6], [10, 6], [10, 12], [10, 6]]); // prettier-ignore
  });

  (onNative ? it : it.skip).each([0, 0.2])('takes the same steps of SAM as a graph, dropout %p', (dropout) => {
    const [inputShape, classes] = [[4, 4, 1], 3];
    checkCaptured({ create: () => vit({ ...tiny, dropout }, contextOf(inputShape, classes)), inputShape, classes });
  });
});

describe('what it refuses', () => {
  it.each([
    ['SPEC_INVALID', { ...tiny, depth: 0 }, [4, 4, 1], 3, /depth is 0/],
    ['SPEC_INVALID', { ...tiny, dropout: 1 }, [4, 4, 1], 3, /dropout is 1/],
    ['SPEC_INVALID', { ...tiny, patch: 1.5 }, [4, 4, 1], 3, /patch is 1.5/],
    ['SPEC_INVALID', { ...tiny, heads: 4 }, [4, 4, 1], 3, /width 6 is not a multiple of heads 4/],
    ['SPEC_INVALID', { ...tiny, mlpRatio: 1.25 }, [4, 4, 1], 3, /mlpRatio 1.25 times width 6 is 7.5/],
    ['SPEC_INVALID', tiny, [4, 5, 1], 3, /patches of 2x2 do not fill images of 4x5/],
    ['DATA_INVALID', tiny, [16], 3, /vit takes images, and inputShape is \[16\]/],
    ['DATA_INVALID', tiny, [4, 4, 0], 3, /inputShape is \[4,4,0\]/],
    ['DATA_INVALID', tiny, [4, 4, 1], 1, /classes is 1/],
  ] as const)('%s: %p for %p', (code, options, inputShape, classes, message) => {
    expect(() => vit(options, contextOf(inputShape, classes))).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });

  it('x of another shape', () => {
    const model = create(tiny, [4, 4, 1], 3);
    expect(() => model.apply(tf.ones([2, 6, 6, 1]))).toThrow(
      expect.objectContaining({ code: 'DATA_INVALID', message: expect.stringMatching(/x has shape \[2,6,6,1\]/) }),
    );
  });
});

describe('vitPlugin', () => {
  it('is a plugin, and the default export', () => {
    expect(() => checkPlugin(vitPlugin)).not.toThrow();
    expect(plugin).toBe(vitPlugin);
    expect(vitPlugin.options.parse({})).toEqual({
      patch: 16,
      width: 384,
      depth: 12,
      heads: 6,
      mlpRatio: 4,
      dropout: 0,
    });
  });

  it.each([{ patch: 0 }, { width: 1.5 }, { heads: -1 }, { mlpRatio: 0 }, { dropout: 1 }, { layers: 2 }])(
    'refuses %p',
    (options) => {
      expect(vitPlugin.options.safeParse(options).success).toBe(false);
    },
  );

  it('creates the model of its checked options', () => {
    const model = vitPlugin.create(vitPlugin.options.parse(tiny), contextOf([4, 4, 1], 3));
    living(model);
    expect(model.variables).toHaveLength(4 + 2 * 12 + 4);
  });
});
