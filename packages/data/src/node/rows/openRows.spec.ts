import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { bytesOf, type ByteSource, openLines, openRows, type OpenRowsOptions } from '../index.js';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const file = (text: string | Uint8Array): ByteSource => bytesOf('f', typeof text === 'string' ? encode(text) : text);

async function rowsOf(text: string | Uint8Array, options: OpenRowsOptions) {
  const rows = await openRows(file(text), options);
  const all = await rows.read(Array.from({ length: rows.size }, (_, i) => i));
  return { columns: rows.columns, cells: all.map(({ cells }) => cells), offsets: all.map(({ offset }) => offset) };
}

describe('openRows', () => {
  it('reads CSV with quotes, line ends within them, and either line end', async () => {
    const { columns, cells, offsets } = await rowsOf('a,b\r\n"x\ny",2\n3,"é""q"\n\n5,6', { format: 'csv' });
    expect(columns).toEqual(['a', 'b']);
    expect(cells).toEqual([
      ['x\ny', '2'],
      ['3', 'é"q'],
      ['5', '6'],
    ]);
    expect(offsets).toEqual([5, 13, 23]);
  });

  it('reads TSV without quotes: a quote is a character', async () => {
    const options = { format: 'tsv', header: false } as const;
    const { columns, cells } = await rowsOf('say "a"\t1\n"open\t2\n', options);
    expect([columns, cells]).toEqual([
      ['0', '1'],
      [
        ['say "a"', '1'],
        ['"open', '2'],
      ],
    ]);
  });

  it('reads JSON lines: the first object names the columns', async () => {
    const text = '{"t":"ä","n":1.5,"b":true}\n\n{"n":-2,"t":null,"b":[1],"more":0}\r\n{"t":"z"}';
    const { columns, cells } = await rowsOf(text, { format: 'jsonl' });
    expect([columns, cells]).toEqual([
      ['t', 'n', 'b'],
      [
        ['ä', '1.5', 'true'],
        [undefined, '-2', null],
        ['z', undefined, undefined],
      ],
    ]);
  });

  it('starts after a byte order mark, and unpacks gzip by content', async () => {
    const text = '\uFEFFa,b\n1,2\n';
    for (const bytes of [encode(text), new Uint8Array(gzipSync(text))]) {
      expect(await rowsOf(bytes, { format: 'csv' })).toEqual({
        columns: ['a', 'b'],
        cells: [['1', '2']],
        offsets: [7],
      });
    }
  });

  it('gives any rows in any order, from memory and from the file piece by piece', async () => {
    const text = ['id', ...Array.from({ length: 5000 }, (_, i) => `${i}${'é'.repeat(i % 90)}`)].join('\n');
    for (const memory of [0, 2 ** 20]) {
      const rows = await openRows(file(text), { format: 'csv', memory });
      const found = await rows.read([4999, 0, 17, 17, 2500]);
      expect(found.map(({ cells }) => parseInt(cells[0] ?? '', 10))).toEqual([4999, 0, 17, 17, 2500]);
    }
  });

  it('leaves out what keep does not want, and tells it the columns', async () => {
    const keep: OpenRowsOptions['keep'] = ({ cells }, columns) => cells.length === columns.length;
    const { cells } = await rowsOf('a\tb\n1\t2\n3\n4\t5\t6\n7\t8\n', { format: 'tsv', ragged: true, keep });
    expect(cells).toEqual([
      ['1', '2'],
      ['7', '8'],
    ]);
  });

  it('case 36: decodes UTF-16 that has a byte order mark, in either order and packed', async () => {
    // More than one reading of a MiB, in UTF-16 and in UTF-8.
    const text = `\uFEFFné;b\r\n"😀;""x""!";2\r\n${`${'é'.repeat(999)};3\r\n`.repeat(600)}`;
    const little = Buffer.from(text, 'utf16le');
    const big = Buffer.from(little).swap16();
    for (const bytes of [little, big, gzipSync(little)]) {
      const rows = await openRows(file(new Uint8Array(bytes)), { format: 'csv', delimiter: ';' });
      expect([rows.columns, rows.size]).toEqual([['né', 'b'], 601]);
      const found = await rows.read([0, 600]);
      expect(found.map(({ cells }) => cells)).toEqual([
        ['😀;"x"!', '2'],
        ['é'.repeat(999), '3'],
      ]);
    }
    expect((await openLines(file(new Uint8Array(big)))).size).toBe(602);
  });

  it.each([
    [',', 'a,b\n"x;y;z",2\n3,4\n'],
    [';', 'a;b\n1,5;2,5\n3,25;4,0\n'],
    ['\t', 'a\tb\n1\t2\n'],
    ['|', 'a|b\n"1,2"|2\n'],
    [',', 'a\n1\n2\n'],
    [';', `a;b\n${`"${'x\n, y'.repeat(100)}";2\n`.repeat(300)}`],
  ])('case 36: finds the delimiter %j', async (delimiter, text) => {
    const auto = await rowsOf(text, { format: 'csv', delimiter: 'auto' });
    expect(auto).toEqual(await rowsOf(text, { format: 'csv', delimiter }));
    expect(new Set(auto.cells.map((cells) => cells.length))).toEqual(new Set([auto.columns.length]));
  });

  it('gives back what was written, for any cells', async () => {
    const cell = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\0', ''));
    const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(cell, cell), { minLength: 1 }), async (rows) => {
        const text = rows.map((cells) => cells.map(quoted).join(',')).join('\n');
        expect((await rowsOf(text, { format: 'csv', header: false })).cells).toEqual(rows);
      }),
    );
  });

  it.each<[string, string | Uint8Array, OpenRowsOptions, RegExp]>([
    ['another number of cells', 'a,b\n1,2\n1,2,3\n', { format: 'csv' }, /^f, byte (8|14): .*expect 2, got 3 on line 3/],
    ['an open quote', 'a,b\n1,"2\n', { format: 'csv' }, /Quote Not Closed/],
    ['a quote within a cell', 'a,b\n1,x"2\n', { format: 'csv' }, /Invalid Opening Quote/],
    ['two columns of one name', 'a,a\n1,2\n', { format: 'csv' }, /byte 0: two columns are named "a"/],
    ['nothing', '', { format: 'csv' }, /byte 0: it has no rows/],
    ['no objects', '{"a":1}\n[1]\n', { format: 'jsonl' }, /byte 8: the line is JSON, but not an object/],
    ['broken JSON', '{"a":1}\n{"a":\n', { format: 'jsonl' }, /byte 8: the line is not JSON/],
    ['latin1', Uint8Array.of(97, 10, 98, 0xe9, 98), { format: 'csv' }, /byte 3: it is not UTF-8.*iconv/],
    ['half a character', Uint8Array.of(97, 10, 0xe2, 0x82), { format: 'csv' }, /byte 2: it is not UTF-8/],
    ['UTF-16', Uint8Array.of(97, 0, 10, 0), { format: 'csv' }, /byte 1: a zero byte.*utf-16/],
    ['UTF-16 of é without a mark', Uint8Array.of(0xe9, 0, 10, 0), { format: 'csv' }, /byte 1: a zero byte.*utf-16/],
    ['half a UTF-16', Uint8Array.of(0xff, 0xfe, 97, 0, 0x3d, 0xd8), { format: 'csv' }, /byte 0: .*UTF-16/],
    [
      'several delimiters',
      'a;b,c\n1;2,3\n',
      { format: 'csv', delimiter: 'auto' },
      /byte 0: its first rows can be cut at "," \(2 cells\) and at ";" \(2 cells\). Choose one/,
    ],
    ['no line ends', 'x'.repeat(2 ** 20 + 2), { format: 'jsonl' }, /byte 0: a line of more than 1048576 bytes/],
    ['no line ends in CSV', 'x'.repeat(2 ** 20 + 2), { format: 'csv' }, /Max Record Size/],
  ])('refuses %s', async (_, text, options, message) => {
    await expect(openRows(file(text), options)).rejects.toMatchObject({
      code: 'DATA_FILE_INVALID',
      message: expect.stringMatching(message),
    });
  });
});

describe('case 20: what a visitor or the file itself throws arrives as it is', () => {
  const many = (count: number, cell = 'x'): string =>
    ['a,b', ...Array.from({ length: count }, (_, i) => `${i},${cell}`)].join('\n');

  it.each([1, 15, 16, 17, 100, 1500])('case 20: a throw at row %p of 2,000', async (row) => {
    for (const format of ['csv', 'jsonl'] as const) {
      const text = format === 'csv' ? many(2000) : '{"a":1,"b":2}\n'.repeat(2000);
      let seen = 0;
      const keep = (): boolean => {
        if (++seen === row) throw new RangeError(`row ${row}`);
        return true;
      };
      await expect(openRows(file(text), { format, keep })).rejects.toThrow(new RangeError(`row ${row}`));
      expect(seen).toBe(row);
    }
  });

  it('case 20: a bad byte, a zero and a broken row far behind the first rows, and a file that changes', async () => {
    const rows = encode(`${many(1900, 'x'.repeat(600))}\n`);
    const at = 2 ** 20 + 2 ** 16;
    const broken = (byte: number) => rows.slice().fill(byte, at, at + 1);
    await expect(openRows(file(broken(0xff)), { format: 'csv' })).rejects.toThrow(
      new RegExp(`f, byte ${at}: it is not UTF-8`),
    );
    await expect(openRows(file(broken(0)), { format: 'csv' })).rejects.toThrow(
      new RegExp(`f, byte ${at}: a zero byte`),
    );
    await expect(openRows(file(broken(0x22)), { format: 'csv' })).rejects.toMatchObject({ code: 'DATA_FILE_INVALID' });
    const changing: ByteSource = {
      ...file(rows),
      read: (offset, length) =>
        offset > 0 ? Promise.reject(new Error('the disk is gone')) : file(rows).read(offset, length),
    };
    await expect(openRows(changing, { format: 'csv', memory: 0 })).rejects.toThrow('the disk is gone');
  });
});

describe('openLines', () => {
  it('cuts at line ends alone, in pieces as in one', async () => {
    // Longer than one reading, with characters of two and four bytes across its end.
    const lines = Array.from({ length: 33_000 }, (_, i) => `${i} é😀\u2028\u0085 ${'x'.repeat(i % 30)}`);
    const found = await openLines(file(lines.join('\r\n')), { memory: 0 });
    expect(found.size).toBe(lines.length);
    const texts = (await found.read(lines.map((_, i) => i))).map(({ text }) => text);
    expect(texts).toEqual(lines);
  });

  it('finds the first bad byte beyond the first reading', async () => {
    for (const at of [2 ** 20 - 1, 2 ** 20, 2 ** 20 + 7]) {
      const bytes = new Uint8Array(2 ** 20 + 100).map((_, i) => (i % 100 === 0 ? 10 : 120));
      bytes[at] = 0xff;
      await expect(openLines(file(bytes))).rejects.toThrow(new RegExp(`byte ${at}: it is not UTF-8`));
    }
  });

  it('has a last line with or without an end, and none after an end', async () => {
    expect((await openLines(file('a\nb'))).size).toBe(2);
    expect((await openLines(file('a\nb\n'))).size).toBe(2);
    expect((await openLines(file('\n'))).size).toBe(1);
    expect((await openLines(file(''))).size).toBe(0);
  });
});
