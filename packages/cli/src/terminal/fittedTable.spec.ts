import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fittedTable } from './fittedTable.js';

const head = ['folder', 'seed', 'accuracy'];

describe('fittedTable', () => {
  it('puts texts to the left, numbers to the right, and leaves empty what there is not', () => {
    const rows = [
      ['runs/a', 1, 0.123456789],
      ['b', 10, undefined],
    ];
    expect(fittedTable(head, rows, 80).split('\n')).toEqual([
      'folder  seed  accuracy',
      '------  ----  --------',
      'runs/a     1  0.123457',
      'b         10',
    ]);
  });

  it('takes the middle of long texts, then whole columns, and says which', () => {
    const rows = [['runs/2026-01-31T10-00-00', 1, 0.5]];
    expect(fittedTable(head, rows, 30).split('\n')[2]).toBe('runs/20…-00-00     1       0.5');
    expect(fittedTable(head, rows, 15).split('\n')).toEqual([
      ...['folder    seed', '--------  ----', 'runs…-00     1', '(not enough room for: accuracy)'],
    ]);
  });

  it('prints no control characters, and one line a row', () => {
    expect(fittedTable(['a'], [['x\u001b[2J\ny']], 80).split('\n')).toEqual(['a', '---', 'x y']);
  });

  it('no line of the table is longer than asked, where a column of eight fits', () => {
    const cell = fc.oneof(fc.string({ maxLength: 40 }), fc.integer(), fc.constant(undefined));
    const tables = fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(tables, fc.integer({ min: 11, max: 100 }), (rows, width) => {
        const lines = fittedTable(head, rows, width)
          .split('\n')
          .slice(0, rows.length + 2);
        expect(Math.max(...lines.map((line) => [...line].length))).toBeLessThanOrEqual(width);
      }),
    );
  });
});
