import { describe, expect, it } from '@jest/globals';
import { arraySource, selectRecords } from '../index.js';

describe('selectRecords', () => {
  it.each([3, -1, 0.5])('refuses record %p of 3', (row) => {
    expect(() => selectRecords(arraySource(['a', 'b', 'c']), [row])).toThrow(
      expect.objectContaining({ code: 'DATA_INVALID' }),
    );
  });
});
