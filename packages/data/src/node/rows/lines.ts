import type { RecordSource } from '../../source/source.js';
import { type ByteSource, invalidFile } from '../files/byteSource.js';
import { keepSmall, RangeList, readRanges } from '../files/ranges.js';
import { textChunks, textOf } from './textChunks.js';
import { unpack } from '../files/unpack.js';
import { asUtf8 } from './utf16.js';

/** Bytes of the longest line that is taken for one: a file of another kind may have no line ends at all. */
export const longestLine = 2 ** 20;
/** Bytes of a file that is kept in memory, where nothing else is said. */
export const keptBytes = 2 ** 28;

/** One line, without its end, and where it begins. */
export interface TextLine {
  readonly text: string;
  readonly offset: number;
}

/** The lines of a file, read by index. */
export interface LineFile extends RecordSource<TextLine> {
  readonly name: string;
}

export interface OpenLinesOptions {
  /** Called for each line in file order; lines for which it returns false are left out. Default: all are kept. */
  readonly keep?: (line: TextLine) => boolean;
  /**
   * Files of up to this many bytes are kept in memory; of larger files, only what is requested is read. Default 256
   * MiB.
   */
  readonly memory?: number | undefined;
}

/**
 * Opens a text file, raw or gzip, and finds its lines in one pass: UTF-8 (or UTF-16 with its byte order mark), each
 * ended by `\n` or `\r\n`, of at most 1 MiB.
 *
 * Holds 12 bytes per line, and the file if `memory` allows it; gzip data and UTF-16 are kept in memory, unpacked and as
 * UTF-8.
 *
 * @throws FlatminError DATA_FILE_INVALID with file and offset for what is not UTF-8, zero bytes, and a line that does
 *   not end.
 */
export async function openLines(file: ByteSource, options: OpenLinesOptions = {}): Promise<LineFile> {
  const { keep = () => true, memory = keptBytes } = options;
  const source = await keepSmall(await asUtf8(await unpack(file)), memory);
  const ranges = new RangeList();
  await eachLine(source, (bytes, offset) => {
    if (keep({ text: lineText(bytes), offset })) ranges.add(offset, bytes.length);
  });
  return {
    name: file.name,
    size: ranges.size,
    read: async (indices) => {
      const found = await readRanges(source, ranges, indices);
      return found.map((bytes, i) => ({ text: lineText(bytes), offset: ranges.start(indices[i] as number) }));
    },
  };
}

/** By a call for each, not a generator: one that waits for every line takes some microseconds each. */
async function eachLine(source: ByteSource, visit: (bytes: Uint8Array, offset: number) => void): Promise<void> {
  let begun: Uint8Array = new Uint8Array(0);
  let lineStart = 0;
  for await (const { bytes, offset } of textChunks(source)) {
    const all = begun.length === 0 ? bytes : Buffer.concat([begun, bytes]);
    lineStart = offset - begun.length;
    let from = 0;
    for (let end = all.indexOf(0x0a); end >= 0; end = all.indexOf(0x0a, from)) {
      if (end - from > longestLine) tooLong(source.name, lineStart);
      visit(all.subarray(from, end), lineStart);
      lineStart += end + 1 - from;
      from = end + 1;
    }
    begun = all.slice(from);
    if (begun.length > longestLine) tooLong(source.name, lineStart);
  }
  if (begun.length > 0) visit(begun, lineStart);
}

function lineText(bytes: Uint8Array): string {
  return textOf(bytes.at(-1) === 0x0d ? bytes.subarray(0, -1) : bytes);
}

function tooLong(name: string, offset: number): never {
  return invalidFile(
    name,
    offset,
    `a line of more than ${longestLine} bytes begins here`,
    'Check that it is a text file with one record per line.',
  );
}
