import { RandomStream } from '@flatmin/core';
import { describeParameters } from '@flatmin/core/plugin';
import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import * as fc from 'fast-check';
import { trainedWeights, zeros } from '../../blocks/src/modelProofs.fixture.js';
import { disposeAll, valuesOf, vocabularyOf } from '../../blocks/src/testing.fixture.js';
import { textEncoder } from './index.js';
import { attentions, contextOf, create, tiny } from './textEncoder.fixture.js';

afterEach(disposeAll);

interface Sizes {
  readonly width: number;
  readonly depth: number;
  readonly mlpRatio: number;
  readonly positions: number;
  readonly vocabulary: number;
}

const dense = ({ width }: Sizes) => width * width + width;
const norm = ({ width }: Sizes) => 2 * width;
const mlp = ({ width, mlpRatio }: Sizes) => 2 * mlpRatio * width * width + mlpRatio * width + width;

/** With pooler, without the last layer. */
function bertWeights(sizes: Sizes): number {
  const { width, depth, positions, vocabulary } = sizes;
  const embeddings = (vocabulary + positions + 2) * width + norm(sizes);
  return embeddings + depth * (4 * dense(sizes) + mlp(sizes) + 2 * norm(sizes)) + dense(sizes);
}

/** Without tokens, their norm, and pooler: no bias of keys and of keys of distances, and two layers for distances. */
function disentangledBackbone(sizes: Sizes): number {
  const { width, depth, positions } = sizes;
  return depth * (6 * dense(sizes) - 2 * width + mlp(sizes) + 2 * norm(sizes)) + 2 * positions * width;
}

describe('the number of weights', () => {
  const base = { width: 768, depth: 12, mlpRatio: 4, positions: 512, vocabulary: 30_522 };

  it('is by its formula that of the published models', () => {
    // bert-base-uncased. Embeddings 23,837,184, a block 7,087,872, the pooler 590,592.
    expect(bertWeights(base)).toBe(109_482_240);
    // DeBERTa-base: the authors give 100M for the backbone; with 50,265 tokens and their norm.
    expect(disentangledBackbone(base)).toBe(99_996_672);
    expect(disentangledBackbone(base) + 50_265 * 768 + norm(base)).toBe(138_601_728);
  });

  const sizes = fc.record({
    width: fc.integer({ min: 1, max: 9 }).map((each) => 2 * each),
    depth: fc.integer({ min: 1, max: 3 }),
    mlpRatio: fc.integer({ min: 1, max: 4 }),
    positions: fc.integer({ min: 4, max: 20 }),
    vocabulary: fc.integer({ min: 5, max: 30 }),
  });
  const count = ({ vocabulary, ...options }: Sizes & { attention: 'bert' | 'disentangled' }, more: object = {}) => {
    const context = contextOf({ vocabulary: vocabularyOf(vocabulary), inputShape: [3], random: zeros, ...more });
    const model = textEncoder({ ...options, heads: 2 }, context);
    model.dispose();
    return trainedWeights(model);
  };

  it('follows the formula at all sizes', () => {
    fc.assert(
      fc.property(sizes, fc.integer({ min: 2, max: 5 }), (given, classes) => {
        const head = given.width * classes + classes;
        expect(count({ ...given, attention: 'bert' }, { classes })).toBe(bertWeights(given) + head);
        const backbone = disentangledBackbone(given) + given.vocabulary * given.width + norm(given);
        expect(count({ ...given, attention: 'disentangled' }, { classes })).toBe(backbone + dense(given) + head);
      }),
      { numRuns: 25 },
    );
  });

  it('of a language model is that of a BERT that guesses words, without segments', () => {
    // bert-base-uncased for masked words has 109,514,298: for the pooler a layer with norm, and a bias for each token.
    expect(bertWeights(base) + norm(base) + base.vocabulary).toBe(109_514_298);
    const given = { width: 6, depth: 2, mlpRatio: 2, positions: 8, vocabulary: 9 };
    const language = count({ ...given, attention: 'bert' }, { task: 'language-modelling', classes: 9 });
    expect(language).toBe(bertWeights(given) + norm(given) + given.vocabulary - 2 * given.width);
  });
});

describe('the weights', () => {
  it.each([
    ['bert', ['token', 'position', 'segment'], ['qkv/kernel', 'qkv/bias']],
    [
      'disentangled',
      ['token', 'distance'],
      [
        'query/kernel',
        'query/bias',
        'value/kernel',
        'value/bias',
        'key/kernel',
        'distance_key/kernel',
        'distance_query/kernel',
        'distance_query/bias',
      ],
    ],
  ] as const)('have names that tell their roles: %s', (attention, embeddings, names) => {
    // prettier-ignore
    const infos = describeParameters(create({ ...tiny, attention }).variables);
    const named = (end: string) => infos.filter(({ name }) => name.endsWith(end));
    expect(named('/embeddings').map(({ name, role }) => [name, role])).toEqual(
      embeddings.map((name) => [`text-encoder/${name}/embeddings`, 'embedding']),
    );
    const first = infos.filter(({ name }) => name.startsWith('text-encoder/block1/attention/'));
    expect(first.map(({ name }) => name.split('attention/')[1])).toEqual([...names, 'out/kernel', 'out/bias']);
    expect(named('/kernel').every(({ role }) => role === 'kernel')).toBe(true);
    expect(named('/bias').every(({ role }) => role === 'bias')).toBe(true);
    // One after the embeddings, two in each block.
    expect(infos.filter(({ role }) => role === 'normalization')).toHaveLength(2 * (1 + 2 * tiny.depth));
    expect(infos.every(({ role }) => role !== 'other')).toBe(true);
  });

  it.each(attentions)('start by a truncated normal of 0.02, biases and beta at 0, gamma at 1: %s', (attention) => {
    const model = create({ ...tiny, attention, width: 66, positions: 40 });
    for (const { name, ...variable } of model.variables.map((v) => ({ name: v.name, values: valuesOf(v) }))) {
      const { values } = variable;
      if (/bias|beta/.test(name)) expect(values.every((value) => value === 0)).toBe(true);
      else if (name.endsWith('gamma')) expect(values.every((value) => value === 1)).toBe(true);
      else {
        expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(Math.fround(0.04));
        const deviation = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
        // 132 numbers at least: the standard error is a sixteenth at most.
        expect(Math.abs(deviation / (0.8796 * 0.02) - 1)).toBeLessThan(0.25);
      }
    }
  });

  it('are those of the stream, and all that dispose has to free', () => {
    const token = (seed: number) =>
      valuesOf(create(tiny, { random: new RandomStream(seed) }).variables[0] as tf.Variable);
    expect(token(1)).toEqual(token(1));
    expect(token(1)).not.toEqual(token(2));
    const before = tf.memory().numTensors;
    const model = textEncoder(tiny, contextOf());
    model.dispose();
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
