import { isUtf8 } from 'node:buffer';
import { type ByteSource, invalidFile } from '../files/byteSource.js';

/** Bytes that are read at once. */
const chunkBytes = 2 ** 20;

/** Some bytes of a text file, from `offset` on; a chunk may end within a character. */
export interface TextChunk {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/**
 * The bytes of a text file, 1 MiB at a time, without a byte order mark. Every byte is checked before it is handed out.
 *
 * @throws FlatminError DATA_FILE_INVALID with the offset of the first byte that is not UTF-8, or is zero.
 */
export async function* textChunks(source: ByteSource): AsyncGenerator<TextChunk, void, undefined> {
  const check = new TextCheck(source.name);
  for (let offset = 0; offset < source.size; offset += chunkBytes) {
    const bytes = await source.read(offset, Math.min(chunkBytes, source.size - offset));
    check.add(bytes, offset);
    const start = offset === 0 && hasByteOrderMark(bytes) ? 3 : 0;
    yield { offset: offset + start, bytes: bytes.subarray(start) };
  }
  check.end();
}

/** The text of bytes that {@link textChunks} has checked. */
export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}

function hasByteOrderMark(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}

class TextCheck {
  readonly #name: string;
  /** A character that the last chunk began and did not end. */
  #begun: Uint8Array = new Uint8Array(0);
  #end = 0;

  constructor(name: string) {
    this.#name = name;
  }

  add(chunk: Uint8Array, offset: number): void {
    const zero = chunk.indexOf(0);
    const bytes = this.#begun.length === 0 ? chunk : Buffer.concat([this.#begun, chunk]);
    const start = offset - this.#begun.length;
    const whole = wholeCharacters(bytes, bytes.length);
    // First: UTF-16 without a byte order mark has both, and a zero tells more.
    if (zero >= 0) {
      invalidFile(
        this.#name,
        offset + zero,
        'a zero byte, which text does not have',
        'If it is UTF-16, convert it: iconv -f utf-16le -t utf-8.',
      );
    }
    if (!isUtf8(bytes.subarray(0, whole))) this.#refuse(start + firstInvalid(bytes));
    this.#begun = bytes.slice(whole);
    this.#end = offset + chunk.length;
  }

  end(): void {
    if (this.#begun.length > 0) this.#refuse(this.#end - this.#begun.length);
  }

  #refuse(offset: number): never {
    return invalidFile(this.#name, offset, 'it is not UTF-8 from here on', 'Convert it: iconv -f latin1 -t utf-8.');
  }
}

/** The bytes of the first `end` that are not the beginning of a character that goes on after them. */
function wholeCharacters(bytes: Uint8Array, end: number): number {
  for (let back = 1; back <= Math.min(3, end); back++) {
    const byte = bytes[end - back] as number;
    if (byte < 0x80) return end;
    if (byte < 0xc0) continue;
    const length = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    return length > back ? end - back : end;
  }
  return end;
}

/** Where the first character begins that is none: by halves, since what comes before it is valid. */
function firstInvalid(bytes: Uint8Array): number {
  let [valid, invalid] = [0, bytes.length];
  while (invalid - valid > 1) {
    const middle = (valid + invalid) >> 1;
    if (isUtf8(bytes.subarray(0, wholeCharacters(bytes, middle)))) valid = middle;
    else invalid = middle;
  }
  return wholeCharacters(bytes, valid);
}
