import { describe, expect, it } from '@jest/globals';
import { columnsOfRows, flatRow } from './flatRow.js';
import type { RunRow } from './runRow.js';
import { selectRows } from './selectRows.js';

const row = (seed: number, more: Partial<RunRow> = {}): RunRow => ({
  ...{ folder: 'runs/a', method: 'sam', dataset: 'digits', model: 'mlp', seed, status: 'done', epochs: 2, steps: 20 },
  ...{ gradientEvaluations: 40, seconds: 2, batchSize: 64, created: '2026-01-31T10:00:00.000Z' },
  ...more,
});
const rows = [
  row(0, { test: { loss: 1, accuracy: 0.9 } }),
  row(1, { test: { loss: 2, accuracy: NaN } }),
  row(2, { status: 'interrupted' }),
  row(10, {
    test: { loss: 0.5, accuracy: 0.95, scores: { f1: 0.7 } },
    best: { value: 1, epoch: 1, step: 10, stale: 2 },
  }),
];
const seeds = (options: Parameters<typeof selectRows>[1]): number[] =>
  selectRows(rows, options).map(({ seed }) => seed);

describe('selectRows', () => {
  it.each<[string, number[]]>([
    ['status=done', [0, 1, 10]],
    ['status != done', [2]],
    ['test_accuracy>=0.9', [0, 10]],
    ['test_accuracy!=0.9', [1, 10]],
    ['test_f1 < 1', [10]],
    ['seed>2', [10]],
    ['seed<=2', [0, 1, 2]],
    ['seed=', []],
    ['folder=runs/a', [0, 1, 2, 10]],
  ])('--where %s', (where, expected) => expect(seeds({ where: [where] })).toEqual(expected));

  it('takes several conditions, and sorts: numbers as numbers, what has no value last', () => {
    expect(seeds({ where: ['seed>0', 'status=done'], sort: '-seed' })).toEqual([10, 1]);
    expect(seeds({ sort: 'test_loss' })).toEqual([10, 0, 1, 2]);
    expect(seeds({ sort: '-test_accuracy' })).toEqual([10, 0, 1, 2]);
    expect(seeds({ sort: 'best_value' })).toEqual([10, 0, 1, 2]);
  });

  it('refuses what is none, by name', () => {
    expect(() => seeds({ where: ['accuracy'] })).toThrow(/--where accuracy is not a condition\. Use a column/);
    expect(() => seeds({ where: ['acc>1'] })).toThrow(/no column is named acc\. Use one of folder, method, /);
    expect(() => seeds({ sort: '-acc' })).toThrow(/no column is named acc\./);
    expect(selectRows([], { where: ['acc>1'], sort: 'acc' })).toEqual([]);
  });
});

it('columns are those of every row, a score beside the metrics of its part', () => {
  const columns = columnsOfRows(rows.map(flatRow));
  expect(columns.slice(columns.indexOf('test_loss'), columns.indexOf('best_value'))).toEqual([
    ...['test_loss', 'test_accuracy', 'test_f1'],
  ]);
  const regression = row(0, { train: { loss: 1, rootMeanSquaredError: 3 } });
  expect(flatRow(regression)).toMatchObject({ train_root_mean_squared_error: 3, test_accuracy: undefined });
});
