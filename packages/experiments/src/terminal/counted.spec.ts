import { describe, expect, it } from '@jest/globals';
import { counted } from './counted.js';

describe('counted', () => {
  it.each([
    [0, 'epoch', undefined, '0 epochs'],
    [1, 'epoch', undefined, '1 epoch'],
    [2, 'process', 'processes', '2 processes'],
    [1_000, 'run', undefined, '1,000 runs'],
  ])('%d %s', (count, noun, plural, text) => {
    expect(counted(count, noun, plural)).toBe(text);
  });
});
