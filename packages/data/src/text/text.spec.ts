import type { DataPart } from '@flatmin/core/plugin';
import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import * as fc from 'fast-check';
import {
  arraySource,
  bagOfWords,
  type BagWeight,
  languageDataSet,
  sequencePairDataSet,
  spaced,
  textDataSet,
  type TextChoice,
  vocabulary,
  words,
} from '../index.js';
import { sharesOf } from './textDataSet.js';

async function contents(part: DataPart<tf.Tensor>, batchSize = 10) {
  const found: { x: unknown; y: unknown; dtype: string }[] = [];
  for await (const { x, y } of part.batches({ batchSize })) {
    found.push({ x: x.arraySync(), y: y.arraySync(), dtype: x.dtype });
    tf.dispose([x, y]);
  }
  return found;
}

describe('words', () => {
  it.each([
    ["Don't stop!", ["don't", 'stop', '!']],
    ['  Çà va: 3.5 € ', ['çà', 'va', ':', '3', '.', '5', '€']],
    ['', []],
  ])('%j', (text, expected) => expect(words(text)).toEqual(expected));

  it('keeps capitals when asked, and loses nothing but spaces', () => {
    expect(words('A b', { lowerCase: false })).toEqual(['A', 'b']);
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(words(text, { lowerCase: false }).join('')).toBe(text.replace(/\s/gu, ''));
      }),
    );
    expect(spaced(' a@@  b\t')).toEqual(['a@@', 'b']);
  });
});

describe('bagOfWords', () => {
  const vocab = vocabulary(['a', 'a', 'b']);
  const documents = { count: 3, with: new Map([['a', 3], ['b', 1]]) }; // prettier-ignore
  const bag = (tokens: string[], weight: BagWeight) => {
    const into = new Float32Array(2);
    bagOfWords(vocab, weight, documents).fill(tokens, into);
    return [...into];
  };

  it('counts, or says whether; unknown words are in none', () => {
    expect(bag(['b', 'a', 'b', 'c'], 'count')).toEqual([1, 2]);
    expect(bag(['b', 'a', 'b', 'c'], 'binary')).toEqual([1, 1]);
    expect(bag(['c', '</s>'], 'tf-idf')).toEqual([0, 0]);
  });

  it('weighs by rarity, to norm 1', () => {
    // a: 1 + ln(4 / 4) = 1; b: 1 + ln(4 / 2) = 1.693147. One a, two b: (1, 3.386294) / 3.530862.
    const [a, b] = bag(['b', 'a', 'b'], 'tf-idf');
    expect(a).toBeCloseTo(0.283217, 6);
    expect(b).toBeCloseTo(0.959056, 6);
  });
});

describe('textDataSet', () => {
  const source = (rows: string[][], labels: number[]) => ({
    ...arraySource(rows.map((texts) => texts.map(spaced))),
    labels: Int32Array.from(labels),
  });
  const parts = {
    train: source([['a b a'], ['b']], [0, 1]),
    validation: source([['c']], [1]),
    test: source([['b c']], [0]),
  };
  const make = (choice: TextChoice) => textDataSet({ id: 't', target: { classes: 2 }, parts, choice });

  it('makes bags over the words of train', async () => {
    const data = await make({ weight: 'count' });
    expect([data.task, data.inputShape, data.featureNames, data.vocabulary]).toEqual([
      'classification',
      [2],
      ['a', 'b'],
      undefined,
    ]);
    expect(await contents(data.train)).toEqual([{ x: [[2, 1], [0, 1]], y: [0, 1], dtype: 'float32' }]); // prettier-ignore
    expect(await contents(data.test)).toEqual([{ x: [[0, 1]], y: [0], dtype: 'float32' }]);
  });

  it('makes ids of one length', async () => {
    const data = await make({ encoding: 'ids', length: 4 });
    expect(data.inputShape).toEqual([4]);
    // a and b have the ids 4 and 5 (both come twice), c is unknown: 3.
    expect(await contents(data.train)).toEqual([{ x: [[4, 5, 4, 0], [5, 0, 0, 0]], y: [0, 1], dtype: 'int32' }]); // prettier-ignore
    expect(await contents(data.test)).toEqual([{ x: [[5, 3, 0, 0]], y: [0], dtype: 'int32' }]);
  });

  it('sets the texts of a pair side by side, or one behind the other', async () => {
    const pair = { ...parts, train: source([['a', 'b b'], ['b', 'a']], [0, 1]), test: source([['a a', 'b']], [1]) }; // prettier-ignore
    const data = (choice: TextChoice) =>
      textDataSet({ id: 't', target: { classes: 2 }, parts: { ...pair, validation: pair.test }, choice });
    const bags = await data({ weight: 'count' });
    expect(bags.featureNames).toEqual(['1:b', '1:a', '2:b', '2:a']);
    expect((await contents(bags.test))[0]?.x).toEqual([[0, 2, 1, 0]]);
    const ids = await data({ encoding: 'ids', length: 5 });
    expect((await contents(ids.test))[0]?.x).toEqual([[5, 5, 2, 4, 0]]);
  });

  it('is a regression where it is told so, and refuses train without words', async () => {
    const labels = Float32Array.of(0.5, 2.5);
    const numeric = { ...parts.train, labels };
    const data = await textDataSet({
      id: 't',
      target: 'regression',
      parts: { train: numeric, validation: numeric, test: numeric },
    });
    expect([data.task, data.classes, (await contents(data.train))[0]?.y]).toEqual(['regression', 1, [0.5, 2.5]]);
    await expect(make({ minCount: 3 })).rejects.toMatchObject({ code: 'DATA_INVALID' });
  });

  it.each([
    [[9, 2], 6, [4, 2]],
    [[3, 9], 6, [3, 3]],
    [[9, 9], 7, [3, 4]],
    [[1, 2], 9, [1, 2]],
  ])('shares texts of %j words in %i places as %j', (lengths, room, expected) => {
    expect(sharesOf(lengths, room)).toEqual(expected);
  });
});

describe('languageDataSet', () => {
  it('cuts windows whose targets are the next ids', async () => {
    const text = 'a b c a b c a'.split(' ');
    const data = languageDataSet({
      id: 'l',
      parts: { train: text, validation: ['b'], test: ['b', 'x', 'b', 'c'] },
      length: 3,
    });
    expect([data.classes, data.train.size, data.validation.size, data.test.size]).toEqual([7, 2, 0, 1]);
    // Ids by falling count: a 4, b 5, c 6.
    expect(await contents(data.train)).toEqual([{ x: [[4, 5, 6], [4, 5, 6]], y: [[5, 6, 4], [5, 6, 4]], dtype: 'int32' }]); // prettier-ignore
    expect((await contents(data.test))[0]).toMatchObject({ x: [[5, 3, 5]], y: [[3, 5, 6]] });
    expect(() => languageDataSet({ id: 'l', parts: { train: ['a'], validation: [], test: [] } })).toThrow(/no window/);
  });
});

describe('sequencePairDataSet', () => {
  it('pads each batch to its own longest where asked to, with begin and end around targets', async () => {
    const pair = (source: string, target: string) => ({ source: [...source], target: [...target] });
    const train = arraySource([pair('ab', 'x'), pair('a', 'xyx')]);
    const test = arraySource([pair('abab', 'z')]);
    const parts = { train, validation: arraySource([]), test };
    const data = await sequencePairDataSet({ id: 's', parts, lengthMultiple: 1 });
    expect([data.inputShape, data.classes, data.vocabulary.size]).toEqual([[4], 6, 6]);
    expect(await contents(data.train)).toEqual([
      { x: [[4, 5], [4, 0]], y: [[1, 4, 2, 0, 0], [1, 4, 5, 4, 2]], dtype: 'int32' }, // prettier-ignore
    ]);
    expect((await contents(data.test))[0]).toMatchObject({ x: [[4, 5, 4, 5]], y: [[1, 3, 2]] });
  });

  it('pads to a multiple of a length, so that batches have few shapes', async () => {
    const train = arraySource([{ source: [...'abcab'], target: [...'xy'] }]);
    const parts = { train, validation: arraySource([]), test: train };
    const data = await sequencePairDataSet({ id: 's', parts, lengthMultiple: 4 });
    expect(await contents(data.train)).toEqual([{ x: [[4, 5, 6, 4, 5, 0, 0, 0]], y: [[1, 4, 5, 2]], dtype: 'int32' }]);
  });
});
