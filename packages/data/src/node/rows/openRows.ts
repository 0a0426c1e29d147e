import { type ByteSource, invalidFile } from '../files/byteSource.js';
import { unpack } from '../files/unpack.js';
import { csvRows } from './csvRows.js';
import { jsonRows } from './jsonRows.js';
import type { OpenRowsOptions, RowFile } from './rowFile.js';
import { asUtf8 } from './utf16.js';

/**
 * Opens a table of text, raw or gzip, and finds its rows in one pass: CSV (RFC 4180), tab-separated values, or JSON
 * lines, in UTF-8 (or UTF-16 with its byte order mark), each row of at most 1 MiB. Empty lines are not rows.
 *
 * Holds 12 bytes per row, and the file if `memory` allows it; gzip data and UTF-16 are kept in memory, unpacked and as
 * UTF-8.
 *
 * @throws FlatminError DATA_FILE_INVALID with file and offset for text that is not UTF-8, broken quotes or JSON, rows
 *   with another number of cells, two columns of the same name, and a file without rows.
 * @example
 * ```ts
 * const rows = await openRows(await openDataFile('train.csv'), { format: 'csv' });
 * const [first] = await rows.read([0]);
 * ```
 */
export async function openRows(file: ByteSource, options: OpenRowsOptions): Promise<RowFile> {
  const source = await asUtf8(await unpack(file));
  const rows = options.format === 'jsonl' ? await jsonRows(source, options) : await csvRows(source, options);
  if (rows.columns.length === 0) invalidFile(file.name, 0, 'it has no rows', 'Check that it is the right file.');
  return rows;
}
