import { specialTokens } from '@flatmin/core/plugin';
import { describe, expect, it } from '@jest/globals';
import { vocabulary } from '../index.js';

describe('vocabulary', () => {
  const text = ['b', 'a', 'c', 'a', 'b', 'a', 'd'];

  it('numbers tokens by falling count, ties by code units, after the special ones', () => {
    const words = vocabulary(text);
    const { size, tokens } = words;
    expect(tokens).toEqual(['<pad>', '<s>', '</s>', '<unk>', 'a', 'b', 'c', 'd']);
    expect(size).toBe(8);
    expect(['a', 'd', 'e', 'constructor'].map((token) => words.idOf(token))).toEqual([4, 7, 3, 3]);
    expect(tokens[specialTokens.padding]).toBe('<pad>');
    expect(tokens[specialTokens.end]).toBe('</s>');
  });

  it('leaves rare tokens out, by size or count', () => {
    expect(vocabulary(text, { size: 6 }).tokens.slice(4)).toEqual(['a', 'b']);
    expect(vocabulary(text, { minCount: 2 }).tokens.slice(4)).toEqual(['a', 'b']);
  });

  it('keeps special tokens of the text special', () => {
    const words = vocabulary(['<unk>', '<unk>', 'a']);
    expect([words.size, words.idOf('<unk>')]).toEqual([5, 3]);
  });
});
