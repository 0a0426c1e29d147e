import { open } from 'node:fs/promises';

/** Bytes that are read first: the end of a run that is over is in them. Then more at a time. */
const [first, more] = [2 ** 15, 2 ** 20];

/** A line of a file, without its line feed, and where it begins. */
export interface PlacedLine {
  readonly bytes: Buffer;
  readonly at: number;
}

/**
 * The lines of a file from its last one back, in pieces; what follows the last line feed is not one. The reader stops
 * where it knows enough: of a long file only the end is read.
 */
export async function* linesFromEnd(file: string): AsyncGenerator<readonly PlacedLine[]> {
  const handle = await open(file, 'r');
  try {
    let at = (await handle.stat()).size;
    // The start of a line whose end was read before. There is none yet: what is there has no end.
    let tail: Buffer<ArrayBufferLike> | undefined;
    for (let size = first; at > 0; size = more) {
      const length = Math.min(size, at);
      const piece = Buffer.alloc(length);
      await handle.read(piece, 0, length, at - length);
      at -= length;
      let end = piece.lastIndexOf('\n');
      if (end < 0) {
        if (tail !== undefined) tail = Buffer.concat([piece, tail]);
        continue;
      }
      const lines: PlacedLine[] = [];
      if (tail !== undefined) lines.push({ bytes: Buffer.concat([piece.subarray(end + 1), tail]), at: at + end + 1 });
      for (;;) {
        const before = end === 0 ? -1 : piece.lastIndexOf('\n', end - 1);
        if (before < 0) break;
        lines.push({ bytes: piece.subarray(before + 1, end), at: at + before + 1 });
        end = before;
      }
      tail = piece.subarray(0, end);
      yield lines;
    }
    if (tail !== undefined) yield [{ bytes: tail, at: 0 }];
  } finally {
    await handle.close();
  }
}

/** The number of the line that begins at a byte of a file, counted from 1. */
export async function lineNumberAt(file: string, at: number): Promise<number> {
  const handle = await open(file, 'r');
  try {
    const piece = Buffer.alloc(more);
    let number = 1;
    for (let from = 0; from < at; from += more) {
      const { bytesRead } = await handle.read(piece, 0, Math.min(more, at - from), from);
      if (bytesRead === 0) break;
      for (let i = piece.indexOf('\n'); i >= 0 && i < bytesRead; i = piece.indexOf('\n', i + 1)) number++;
    }
    return number;
  } finally {
    await handle.close();
  }
}
