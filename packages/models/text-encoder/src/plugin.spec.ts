import { checkPlugin } from '@flatmin/core/plugin';
import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import plugin, { textEncoder, textEncoderPlugin } from './index.js';
import { disposeAll, vocabularyOf } from '../../blocks/src/testing.fixture.js';
import { contextOf, create, idsOf, tiny } from './textEncoder.fixture.js';

afterEach(disposeAll);

describe('what it refuses', () => {
  it.each([
    [{ ...tiny, depth: 0 }, /depth is 0/],
    [{ ...tiny, positions: 1.5 }, /positions is 1.5/],
    [{ ...tiny, heads: 4 }, /width 6 is not a multiple of heads 4/],
    [{ ...tiny, mlpRatio: 1.25 }, /mlpRatio 1.25 times width 6 is 7.5/],
    [{ ...tiny, dropout: 1 }, /the rate is 1/],
    [{ ...tiny, attention: 'other' as 'bert' }, /attention is "other". Give one of "bert", "disentangled"/],
  ])('sizes: %p', (options, message) => {
    const refused = { code: 'SPEC_INVALID', message: expect.stringMatching(message) };
    expect(() => textEncoder(options, contextOf())).toThrow(expect.objectContaining(refused));
  });

  it.each([
    [{ inputShape: [28, 28, 1] }, /takes ids \[length\], and inputShape is \[28,28,1\]/],
    [{ vocabulary: undefined as never }, /the data have no vocabulary. Use a data set of text with "encoding": "ids"/],
    [{ classes: 1 }, /classes is 1. Give an integer of at least 2/],
    [{ task: 'regression', classes: 0 }, /classes is 0. Give an integer of at least 1/],
    [{ task: 'sequence-to-sequence' }, /writes none, and the task is "sequence-to-sequence"/],
    [{ task: 'language-modelling', classes: 8 }, /scores each of the 9 ids of the vocabulary, and classes is 8/],
    [{ inputShape: [8] }, /has 8 positions, and texts of 8 ids need 9. Set positions to at least 9/],
  ] as const)('data: %p', (more, message) => {
    const before = tf.memory().numTensors;
    const refused = { code: 'DATA_INVALID', message: expect.stringMatching(message) };
    expect(() => textEncoder(tiny, contextOf(more))).toThrow(expect.objectContaining(refused));
    expect(tf.memory().numTensors).toBe(before);
  });

  it('x of another shape or type, and texts longer than the positions', () => {
    const apply = (x: tf.Tensor) => () => tf.tidy(() => void create(tiny).apply(x));
    tf.tidy(() => {
      expect(apply(tf.ones([2, 5]))).toThrow(/x is float32. Cast it/);
      expect(apply(tf.ones([5], 'int32'))).toThrow(/x has shape \[5\]/);
      expect(apply(tf.ones([1, 8], 'int32'))).toThrow(/x has shape \[1,8\], and there are positions for 7 ids/);
    });
  });

  it('no length where attention is disentangled, and none of as many ids as there are positions', () => {
    tf.tidy(() => {
      const long = tf.ones<tf.Rank.R2>([1, 20], 'int32');
      expect(create({ ...tiny, attention: 'disentangled' }, { inputShape: [20] }).apply(long).shape).toEqual([1, 3]);
      expect(create(tiny, { inputShape: [7] }).apply(idsOf([[4, 4, 4, 4, 4, 4, 4]])).shape).toEqual([1, 3]);
      const language = {
        task: 'language-modelling',
        classes: 9,
        vocabulary: vocabularyOf(9),
        inputShape: [8],
      } as const;
      expect(create(tiny, language).apply(tf.ones([1, 8], 'int32')).shape).toEqual([1, 8, 9]);
    });
  });
});

describe('textEncoderPlugin', () => {
  it('is a plugin, and the default export', () => {
    expect(() => checkPlugin(textEncoderPlugin)).not.toThrow();
    expect(plugin).toBe(textEncoderPlugin);
    const defaults = { attention: 'bert', width: 768, depth: 12, heads: 12, mlpRatio: 4, positions: 512, dropout: 0.1 };
    expect(textEncoderPlugin.options.parse({})).toEqual(defaults);
  });

  it.each([{ attention: 'other' }, { width: 1.5 }, { heads: -1 }, { mlpRatio: 0 }, { dropout: 1 }, { layers: 2 }])(
    'refuses %p',
    (options) => expect(textEncoderPlugin.options.safeParse(options).success).toBe(false),
  );

  it('creates the model of its checked options', () => {
    const model = textEncoderPlugin.create(textEncoderPlugin.options.parse(tiny), contextOf());
    expect(model.description).toBe('text-encoder with bert attention, width 6, depth 2, 3 heads, 3 outputs');
    // Embeddings and their norm, two blocks, pooler and head.
    expect(model.variables).toHaveLength(5 + 2 * 12 + 4);
    model.dispose();
  });
});
