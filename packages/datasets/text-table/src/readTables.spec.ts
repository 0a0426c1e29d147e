import { fuzzCount, fuzzFiles } from '@flatmin/data/fuzz';
import type { DataFolder } from '@flatmin/data/node';
import { describe, expect, it } from '@jest/globals';
import { isGap, requireNumber, textsOf } from './cells.js';
import { readTables, type ReadTablesOptions } from './readTables.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const csv = 'text,n,label\n"a, ""b""",1,x\nc d,-2.5e1,y\n"e\nf",3,x\né,4,y\n';
const tsv = 'text\tn\tlabel\na "b\t1\tx\nc d\t-2.5e1\ty\né\t4\ty\n';
const jsonl = '{"text":"a","n":1,"label":"x"}\n{"text":"b","n":-2.5,"label":"y"}\n\n{"label":"x","text":"é","n":0}\n';

const rules = { decimal: '.', missing: new Set(['NA']) } as const;

const count = fuzzCount(2500);

describe(`${4 * count} broken tables`, () => {
  const read =
    (task: ReadTablesOptions['task'], column: string, files: { train: string; test: string }) =>
    async (folder: DataFolder): Promise<void> => {
      for (const memory of [0, 2 ** 20]) {
        const names = [column];
        const { sources, classNames } = await readTables(folder, files, {
          task,
          memory,
          label: task === 'classification' ? 'label' : 'n',
          columns: () => names,
          rules,
          unlabelled: 'refuse',
          delimiter: 'auto',
          check: (row) => void (column === 'text' && textsOf(row, names)),
        });
        for (const source of [sources.train, sources.test]) {
          if (source === undefined) throw new Error('a part is lost');
          const rows = await source.read(Array.from({ length: source.size }, (_, i) => i));
          const isCell = (cell: unknown): boolean => typeof cell === 'string' || (column === 'n' && cell === undefined);
          const whole = rows.every(({ cells }) => cells.length === 1 && isCell(cells[0]));
          const known = [...source.labels].every((label) =>
            classNames ? label >= 0 && label < classNames.length : Number.isFinite(label),
          );
          if (source.size < 1 || source.labels.length !== source.size || !whole || !known)
            throw new Error('a wrong batch');
          if (column === 'n')
            for (const row of rows) if (!isGap(row.cells[0], rules)) requireNumber(row, 0, 'n', rules);
        }
      }
    };

  it.each<[string, string, string, ReadTablesOptions['task'], string]>([
    ['CSV, text and classes', 'csv', csv, 'classification', 'text'],
    ['CSV, text and numbers', 'csv', csv, 'regression', 'text'],
    ['TSV, numbers and classes', 'tsv', tsv, 'classification', 'n'],
    ['JSON lines, text and classes', 'jsonl', jsonl, 'classification', 'text'],
  ])('are refused or valid: %s', async (_, ending, text, task, column) => {
    const names = { train: `train.${ending}`, test: `test.${ending}` };
    const files = { [names.train]: bytes(text), [names.test]: bytes(text) };
    const { refused, accepted } = await fuzzFiles({ files, read: read(task, column, names), count });
    expect(refused + accepted).toBe(count);
    expect(refused).toBeGreaterThan(count / 5);
    expect(accepted).toBeGreaterThan(count / 125);
  });
});
