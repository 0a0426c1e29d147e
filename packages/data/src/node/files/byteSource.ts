// Without the rest of core, which threads that decode would load in vain.
import { FlatminError } from '@flatmin/core/errors';

/** Bytes that can be read at any offset: a file, or an array. Every read is first checked against `size`. */
export interface ByteSource {
  /** How errors name it: the path of the file. */
  readonly name: string;
  readonly size: number;
  /**
   * `length` bytes from `offset`; the receiver may keep but not change them.
   *
   * @throws FlatminError DATA_FILE_INVALID if the source ends before that, or if a file has changed its size since it
   *   was opened.
   */
  read(offset: number, length: number): Promise<Uint8Array>;
  /** Several ranges of one length, in their order: as `read`, with the file opened once. */
  readMany(offsets: readonly number[], length: number): Promise<readonly Uint8Array[]>;
}

/** An array as a source. */
export function bytesOf(name: string, bytes: Uint8Array): ByteSource {
  const slice = (offset: number, length: number): Uint8Array => {
    checkRange(name, bytes.length, offset, length);
    return bytes.subarray(offset, offset + length);
  };
  return {
    name,
    size: bytes.length,
    read: async (offset, length) => slice(offset, length),
    readMany: async (offsets, length) => offsets.map((offset) => slice(offset, length)),
  };
}

/** Throws where a range is not inside a source of `size` bytes. Before anything is allocated for it. */
export function checkRange(name: string, size: number, offset: number, length: number): void {
  const valid = Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0;
  if (valid && offset + length <= size) return;
  invalidFile(
    name,
    offset,
    `${length} bytes are needed here, and the file has only ${size} in total`,
    'It is truncated or of another format: get it again.',
  );
}

/** Throws the error of a broken data file: `name, byte offset: what. remedy`. */
export function invalidFile(name: string, offset: number, what: string, remedy: string, cause?: unknown): never {
  throw new FlatminError('DATA_FILE_INVALID', `${name}, byte ${offset}: ${what}. ${remedy}`, { cause });
}

/** Throws the error of a missing data file. */
export function missingFile(name: string, what: string, remedy: string, cause?: unknown): never {
  throw new FlatminError('DATA_FILE_MISSING', `${name}: ${what}. ${remedy}`, { cause });
}
