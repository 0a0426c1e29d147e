import { Readable } from 'node:stream';
import { parse, type Options } from 'csv-parse';
import { parse as parseNow } from 'csv-parse/sync';
import { type ByteSource, invalidFile } from '../files/byteSource.js';
import { delimiterOf } from './delimiter.js';
import { keptBytes, longestLine } from './lines.js';
import { keepSmall, RangeList, readRanges } from '../files/ranges.js';
import type { OpenRowsOptions, Row, RowFile } from './rowFile.js';
import { textChunks } from './textChunks.js';

/** What csv-parse gives with `info`. */
interface Parsed {
  readonly record: readonly string[];
  readonly info: { readonly bytes: number };
}

/**
 * CSV and TSV. A row's range ends where csv-parse says that it has read so many bytes, and begins where the one before
 * ends.
 */
export async function csvRows(file: ByteSource, options: OpenRowsOptions): Promise<RowFile> {
  const { header = true, keep = () => true } = options;
  const source = await keepSmall(file, options.memory ?? keptBytes);
  const csv = await csvOptions(source, options);
  const ranges = new RangeList();
  let columns: readonly string[] | undefined;
  await eachRow(source, csv, (record, start, end) => {
    if (columns === undefined) {
      const isHeader = typeof header === 'function' ? header(record) : header;
      columns = isHeader ? record : record.map((_, i) => String(i));
      checkColumns(file.name, columns, start);
      if (isHeader) return;
    }
    if (keep({ cells: record, offset: start }, columns)) ranges.add(start, end - start);
  });
  return {
    name: file.name,
    columns: columns ?? [],
    size: ranges.size,
    read: async (indices) => {
      const found = await readRanges(source, ranges, indices);
      return found.map((bytes, i): Row => {
        const [parsed] = parseNow(bufferOf(bytes), csv) as unknown as readonly Parsed[];
        return { cells: parsed?.record ?? [], offset: ranges.start(indices[i] as number) };
      });
    },
  };
}

async function eachRow(
  source: ByteSource,
  csv: Options,
  visit: (record: readonly string[], start: number, end: number) => void,
): Promise<void> {
  // Offsets count from the first byte that the parser gets: that after a byte order mark.
  let first: number | undefined;
  async function* buffers(): AsyncGenerator<Buffer> {
    for await (const { bytes, offset } of textChunks(source)) {
      first ??= offset;
      yield bufferOf(bytes);
    }
  }
  let end = 0;
  // Not `pipeline`: it takes a visitor that throws for one that has been aborted, and loses what was thrown.
  const input = Readable.from(buffers());
  const parser = parse(csv);
  input.once('error', (error) => parser.destroy(error));
  try {
    for await (const { record, info } of input.pipe(parser) as AsyncIterable<Parsed>) {
      const start = end;
      end = info.bytes;
      visit(record, (first ?? 0) + start, (first ?? 0) + end);
    }
  } catch (error) {
    if (!isCsvError(error)) throw error;
    const what = error.message.replace(/\s+/g, ' ');
    // The parser reads ahead: the rows before the broken one may not have been visited yet.
    const offset = (first ?? 0) + Math.max(end, Number(error.bytes ?? 0));
    invalidFile(
      source.name,
      Math.min(offset, source.size),
      what,
      'Correct the row, or see the options of the format.',
      error,
    );
  } finally {
    input.destroy();
  }
}

async function csvOptions(
  source: ByteSource,
  { format, quote = format === 'csv', delimiter = ',', ragged = false }: OpenRowsOptions,
): Promise<Options> {
  const ofCsv = delimiter === 'auto' && format === 'csv' ? await delimiterOf(source, quote) : delimiter;
  return {
    delimiter: format === 'csv' ? ofCsv : '\t',
    quote: quote ? '"' : null,
    relax_column_count: ragged,
    skip_empty_lines: true,
    max_record_size: longestLine,
    info: true,
    // Named, since the parser would else guess by the first line.
    record_delimiter: ['\r\n', '\n'],
  };
}

function checkColumns(name: string, columns: readonly string[], offset: number): void {
  const twice = columns.find((column, i) => columns.indexOf(column) !== i);
  if (twice === undefined) return;
  invalidFile(
    name,
    offset,
    `two columns are named ${JSON.stringify(twice)}`,
    'Rename one of them, or set `header: false`.',
  );
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** By the code, not `instanceof`: the synchronous and the streaming parser each have a class of their own. */
function isCsvError(error: unknown): error is Error & { readonly bytes?: number } {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^CSV_|^INVALID_OPENING_QUOTE$/.test(code);
}
