import { parse } from 'csv-parse/sync';
import { type ByteSource, invalidFile } from '../files/byteSource.js';

const candidates = [',', ';', '\t', '|'] as const;
/** Bytes and rows that tell the delimiter. */
const [headBytes, headRows] = [2 ** 16, 20];

/**
 * What separates the cells of a CSV file: the one of comma, semicolon, tab and bar that cuts each of its first rows
 * into the same number of cells, at least two. A comma where none does: then the file has one column, or a row that
 * reading it will name.
 *
 * @throws FlatminError DATA_FILE_INVALID where several do.
 */
export async function delimiterOf(source: ByteSource, quote: boolean): Promise<string> {
  const head = await source.read(0, Math.min(headBytes, source.size));
  const isWhole = head.length === source.size;
  const end = isWhole ? head.length : head.lastIndexOf(0x0a) + 1;
  const text = Buffer.from(head.buffer, head.byteOffset, end === 0 ? head.length : end);
  const found = candidates.flatMap((delimiter) => {
    const cells = cellsOfRows(text, delimiter, quote, isWhole);
    return cells === undefined || cells < 2 ? [] : [{ delimiter, cells }];
  });
  if (found.length > 1) {
    const ways = found.map(({ delimiter, cells }) => `${JSON.stringify(delimiter)} (${cells} cells)`).join(' and at ');
    invalidFile(source.name, 0, `its first rows can be cut at ${ways}`, 'Choose one with `delimiter`.');
  }
  return found[0]?.delimiter ?? ',';
}

/** How many cells each of the first rows has; undefined where they differ, or quotes do not stand as they should. */
function cellsOfRows(text: Buffer, delimiter: string, quote: boolean, isWhole: boolean): number | undefined {
  const counts: number[] = [];
  try {
    parse(text, {
      delimiter,
      quote: quote ? '"' : null,
      bom: true,
      relax_column_count: true,
      skip_empty_lines: true,
      to: headRows,
      record_delimiter: ['\r\n', '\n'],
      on_record: (record: readonly string[]) => void counts.push(record.length),
    });
  } catch (error) {
    // The head may end within a quoted cell.
    if (isWhole || (error as { code?: unknown }).code !== 'CSV_QUOTE_NOT_CLOSED') return undefined;
  }
  return counts.every((count) => count === counts[0]) ? counts[0] : undefined;
}
