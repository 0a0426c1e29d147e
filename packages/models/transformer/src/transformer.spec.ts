import { RandomStream } from '@flatmin/core';
import { checkPlugin, describeParameters, type Model } from '@flatmin/core/plugin';
import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import {
  checkCaptured,
  checkGradients,
  checkSaving,
  type Subject,
  trainedWeights,
  zeros,
} from '../../blocks/src/modelProofs.fixture.js';
import { expectClose, leaveNothing, living, onNative, valueOf, valuesOf } from '../../blocks/src/testing.fixture.js';
import plugin, { transformer, type Transformer, type TransformerOptions, transformerPlugin } from './index.js';
import { plainTransformer } from './plainTransformer.fixture.js';
import { contextOf, ids, shaken, tiny } from './tinyTransformer.fixture.js';

const create = (options: TransformerOptions = tiny, random?: RandomStream) =>
  living(transformer(options, contextOf(9, 7, random)));

leaveNothing();

const sources = [[4, 5, 6], [7, 8, 4, 3, 5], [6]]; // prettier-ignore
const targets = [[1, 4, 5], [1, 6], [1, 3, 4, 5]]; // prettier-ignore

/**
 * Random pairs of ids, and the cross-entropy of each target: what it reads is all but its last token, what follows all
 * but its first.
 */
function subject(make: () => Transformer): Subject {
  const drawn = (random: RandomStream, size: number, count: number, first: number) =>
    Array.from({ length: size }, (_, row) => {
      const numbers = random.at(row).uniforms(5);
      const length = 2 + Math.floor((numbers[4] as number) * 3);
      return [...numbers.slice(0, length)].map((number, i) => (i === 0 ? first : 3 + Math.floor(number * (count - 3))));
    });
  const part = (from: number) => (y: tf.Tensor) => tf.slice(y as tf.Tensor2D, [0, from], [-1, 4]);
  const [reads, follows] = [part(0), part(1)];
  return {
    create: make as unknown as () => Model,
    inputShape: [5],
    classes: 7,
    task: {
      batch: (seed, size) => {
        const random = new RandomStream(seed);
        return [ids(drawn(random.at('x'), size, 9, 5), 5), ids(drawn(random.at('y'), size, 7, 1), 5)];
      },
      logits: (model, [x, y], training) => model.apply(x, { training, target: reads(y) }),
      perExample: (logits, y) => {
        const next = follows(y);
        const losses = tf.neg(tf.sum(tf.mul(tf.oneHot(next, 7), tf.logSoftmax(logits)), 2));
        return tf.sum(tf.mul(losses, tf.cast(tf.notEqual(next, 0), 'float32')), 1);
      },
    },
  };
}

describe('the weights', () => {
  it("for the dictionaries of IWSLT'14 are as many as the shapes of fairseq's transformer_iwslt_de_en say", () => {
    // Dictionaries of fairseq's preparation, 8848 and 6632 tokens, width w = 512, hidden h = 1024: attention 4 w^2 + 4
    // w, MLP 2 w h + w + h, norm 2 w.
    const [w, h] = [512, 1024];
    const [attention, mlp, norm] = [4 * w * w + 4 * w, 2 * w * h + w + h, 2 * w];
    const expected = (8848 + 6632) * w + 6 * (attention + mlp + 2 * norm) + 6 * (2 * attention + mlp + 3 * norm);
    expect(expected).toBe(39_469_056);
    expect(trainedWeights(living(transformer({}, contextOf(8848, 6632, zeros))) as unknown as Model)).toBe(expected);
  });

  it('have names that tell their roles', () => {
    const infos = describeParameters(create({ ...tiny, encoderLayers: 1, decoderLayers: 1 }).variables);
    expect(infos.map(({ name, role }) => `${name.replace('transformer/', '')} ${role}`)).toEqual([
      'encoder/embeddings embedding',
      ...['attention/qkv', 'attention/out'].flatMap((layer) => bothOf(`encoder/layer1/${layer}`)),
      ...normOf('encoder/layer1/norm1'),
      ...['mlp1', 'mlp2'].flatMap((layer) => bothOf(`encoder/layer1/${layer}`)),
      ...normOf('encoder/layer1/norm2'),
      'decoder/embeddings embedding',
      ...['attention/qkv', 'attention/out'].flatMap((layer) => bothOf(`decoder/layer1/${layer}`)),
      ...normOf('decoder/layer1/norm1'),
      ...['cross/q', 'cross/kv', 'cross/out'].flatMap((layer) => bothOf(`decoder/layer1/${layer}`)),
      ...normOf('decoder/layer1/norm2'),
      ...['mlp1', 'mlp2'].flatMap((layer) => bothOf(`decoder/layer1/${layer}`)),
      ...normOf('decoder/layer1/norm3'),
    ]);
  });
  const bothOf = (name: string) => [`${name}/kernel kernel`, `${name}/bias bias`];
  const normOf = (name: string) => [`${name}/gamma normalization`, `${name}/beta normalization`];

  it.each([
    // Uniform within a: deviation a / sqrt 3.
    ['encoder/layer1/attention/qkv/kernel', Math.sqrt(6 / 128 / 2 / 3)],
    ['encoder/layer1/attention/out/kernel', Math.sqrt(6 / 128 / 3)],
    ['decoder/layer1/cross/q/kernel', Math.sqrt(6 / 128 / 2 / 3)],
    ['decoder/layer1/cross/kv/kernel', Math.sqrt(6 / 128 / 2 / 3)],
    ['decoder/layer1/mlp1/kernel', Math.sqrt(6 / (64 + 32) / 3)],
    ['decoder/layer1/mlp2/kernel', Math.sqrt(6 / (64 + 32) / 3)],
    ['decoder/embeddings', 1 / 8],
  ])('%s starts with its deviation', (name, deviation) => {
    const values = valueOf(living(transformer({ ...tiny, width: 64, hidden: 32 }, contextOf(60, 60))))(name);
    const found = Math.sqrt(values.reduce((total, value) => total + value * value, 0) / values.length);
    // 2048 numbers at least, one row of 60 is zero.
    expect(Math.abs(found / deviation - 1)).toBeLessThan(0.06);
    if (name.endsWith('embeddings')) expect(values.slice(0, 64).every((value) => value === 0)).toBe(true);
  });

  it('are those of the stream, and all that dispose has to free', () => {
    const table = (seed: number) => valueOf(create(tiny, new RandomStream(seed)))('encoder/embeddings');
    expect(table(1)).toEqual(table(1));
    expect(table(1)).not.toEqual(table(2));
    const before = tf.memory().numTensors;
    const model = transformer(tiny, contextOf(9, 7));
    model.dispose();
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('the function', () => {
  it('is that of loops over numbers, for sources and targets of all lengths in one batch', () => {
    const model = living(shaken(tiny, contextOf(9, 7)));
    const logits = model.apply(ids(sources), { target: ids(targets) });
    expect(logits.shape).toEqual([3, 4, 7]);
    sources.forEach((source, i) => {
      const target = targets[i] as number[];
      const found = tf.slice(logits, [i, 0, 0], [1, target.length, 7]);
      expectClose(found, plainTransformer({ source, target }, valueOf(model), tiny).flat(), 2e-5);
    });
  });

  it('does not see padding, however much there is', () => {
    const model = living(shaken(tiny, contextOf(9, 7)));
    const short = model.apply(ids(sources), { target: ids(targets) });
    const long = model.apply(ids(sources, 11), { target: ids(targets, 8) });
    expectClose(tf.slice(long, [0, 0, 0], [3, 4, 7]), valuesOf(short), 1e-5);
  });

  it('sees no later token of the target, and every earlier one', () => {
    const model = living(shaken(tiny, contextOf(9, 7)));
    const rowsOf = (target: number[]) => {
      const logits = valuesOf(model.apply(ids([[4, 5, 6]]), { target: ids([target]) }));
      return target.map((_, i) => logits.slice(7 * i, 7 * (i + 1)));
    };
    const [before, after] = [rowsOf([1, 4, 5, 6, 3]), rowsOf([1, 4, 6, 6, 3])];
    const changes = before.map((row, i) => Math.max(...row.map((value, j) => Math.abs(value - (after[i]?.[j] as number))))); // prettier-ignore
    expect(changes.slice(0, 2)).toEqual([0, 0]);
    changes.slice(2).forEach((change) => expect(change).toBeGreaterThan(1e-3));
  });

  it('has the gradients of central differences', () => {
    checkGradients(subject(() => living(shaken(tiny, contextOf(9, 7)))), 3e-3); // prettier-ignore
  });

  it('has no gradient by the embedding of padding but as an output', () => {
    const model = living(shaken(tiny, contextOf(9, 7)));
    const encoder = model.variables[0] as tf.Variable;
    const loss = () => tf.sum<tf.Scalar>(tf.square(model.apply(ids(sources), { target: ids(targets) })));
    const { grads } = tf.variableGrads(loss, [encoder]);
    const gradient = valuesOf(grads[encoder.name] as tf.Tensor);
    // The rows of padding in the target are in this sum too, and read the source: but not its padding.
    expect(gradient.slice(0, tiny.width).every((value) => Math.abs(value) < 1e-6)).toBe(true);
    expect(Math.max(...gradient.slice(4 * tiny.width).map(Math.abs))).toBeGreaterThan(0.01);
  });

  it('drops out in training alone', () => {
    const model = living(shaken({ ...tiny, dropout: 0.5 }, contextOf(9, 7)));
    const logits = (training: boolean) => valuesOf(model.apply(ids(sources), { target: ids(targets), training }));
    expect(logits(false)).toEqual(logits(false));
    expect(logits(true)).not.toEqual(logits(false));
    expect(logits(true)).not.toEqual(logits(true));
  });

  it('leaves only the logits behind', () => {
    const model = create();
    const [x, target] = [ids(sources), ids(targets)];
    const before = tf.memory().numTensors;
    model.apply(x, { target, training: true });
    expect(tf.memory().numTensors).toBe(before + 1);
  });

  it('is saved and loaded by name', () => {
    const made = (seed: number) => () => transformer(tiny, contextOf(9, 7, new RandomStream(seed)));
    checkSaving(subject(made(1)), made(2) as unknown as () => Model);
  });

  (onNative ? it : it.skip)('takes the same steps of SAM as a graph, with the same dropout', () => {
    checkCaptured(subject(() => transformer({ ...tiny, dropout: 0.2 }, contextOf(9, 7))));
  });
});

describe('what it refuses', () => {
  it.each([
    ['SPEC_INVALID', { decoderLayers: 0 }, /decoderLayers is 0/],
    ['SPEC_INVALID', { hidden: 1.5 }, /hidden is 1.5/],
    ['SPEC_INVALID', { heads: 3 }, /width 8 is not a multiple of heads 3/],
    ['SPEC_INVALID', { width: 2 }, /width is 2, .* Give an even width of at least 4/],
    ['SPEC_INVALID', { width: 9, heads: 3 }, /width is 9/],
    ['SPEC_INVALID', { dropout: 1 }, /dropout is 1/],
    ['SPEC_INVALID', { beam: 0 }, /beam is 0/],
    ['SPEC_INVALID', { lengthPenalty: -1 }, /lengthPenalty is -1/],
    ['SPEC_INVALID', { maxLengthB: Number.NaN }, /maxLengthB is NaN/],
  ] as const)('%s: %p', (code, options, message) => {
    const before = tf.memory().numTensors;
    expect(() => transformer({ ...tiny, ...options }, contextOf(9, 7))).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
    expect(tf.memory().numTensors).toBe(before);
  });

  it('another task', () => {
    expect(() => transformer(tiny, { ...contextOf(9, 7), task: 'classification' })).toThrow(
      expect.objectContaining({ code: 'DATA_INVALID', message: expect.stringMatching(/the data set is for "classification"/) }), // prettier-ignore
    );
  });

  it('what are not ids', async () => {
    const model = create();
    const [x, target] = [ids(sources), ids(targets)];
    const fault = (message: RegExp) =>
      expect.objectContaining({ code: 'DATA_INVALID', message: expect.stringMatching(message) });
    expect(() => model.apply(x)).toThrow(fault(/target is missing\. Pass int32 ids \[3, length\]/));
    expect(() => model.apply(x, { target: ids([[1]]) })).toThrow(fault(/target is int32 of shape \[1,1\]/));
    expect(() => model.apply(tf.ones([3, 5]), { target })).toThrow(fault(/x is float32 of shape \[3,5\]/));
    await expect(model.generate(tf.ones([3, 5]))).rejects.toThrow(fault(/x is float32/));
  });
});

describe('transformerPlugin', () => {
  it('is a plugin, and the default export', () => {
    expect(() => checkPlugin(transformerPlugin)).not.toThrow();
    expect(plugin).toBe(transformerPlugin);
    expect(transformerPlugin.options.parse({})).toEqual({
      ...{ width: 512, hidden: 1024, heads: 4, encoderLayers: 6, decoderLayers: 6, dropout: 0.3 },
      ...{ beam: 5, lengthPenalty: 1, maxLengthA: 1.2, maxLengthB: 10 },
    });
  });

  it.each([{ width: 0 }, { dropout: 1 }, { beam: 1.5 }, { lengthPenalty: -1 }, { layers: 2 }])(
    'refuses %p',
    (options) => {
      expect(transformerPlugin.options.safeParse(options).success).toBe(false);
    },
  );

  it('creates the model of its checked options', () => {
    const model = transformerPlugin.create(transformerPlugin.options.parse(tiny), contextOf(9, 7));
    living(model as unknown as Transformer);
    expect(model.description).toBe('transformer of width 8, 2 and 2 layers, 2 heads, 9 to 7 tokens');
    expect(model.variables).toHaveLength(2 + 2 * 12 + 2 * 20);
  });
});
