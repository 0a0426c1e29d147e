import { promisify } from 'node:util';
import { constants, gunzip, gunzipSync } from 'node:zlib';
import { type ByteSource, bytesOf, invalidFile } from './byteSource.js';
import { codeOf } from './dataFile.js';

/** Compressed bytes that are enough for the head of any format read here. */
const headBytes = 4096;
const defaultLimit = 2 ** 30;
const unpackAll = promisify(gunzip);

export interface UnpackOptions {
  /** Most bytes that the unpacked data may have, for it lies in memory; default 1 GiB. */
  readonly limit?: number;
  /**
   * The size that the unpacked data must have, by its head (what the first 4 kB unpack to): then nothing of another
   * size is unpacked. Throws where the head is wrong.
   */
  readonly sizeOf?: (head: Uint8Array) => number;
}

/** True where a source starts as gzip does, 1f 8b, whatever its name. */
export async function isGzip(source: ByteSource): Promise<boolean> {
  if (source.size < 2) return false;
  const [first, second] = await source.read(0, 2);
  return first === 0x1f && second === 0x8b;
}

/**
 * The content of a source: the source itself or, if it is gzip, its unpacked bytes in memory, never more than the
 * limit.
 *
 * @throws FlatminError DATA_FILE_INVALID if the gzip data is broken or larger than allowed.
 */
export async function unpack(source: ByteSource, options: UnpackOptions = {}): Promise<ByteSource> {
  if (!(await isGzip(source))) return source;
  const { limit = defaultLimit, sizeOf } = options;
  if (source.size > limit) tooLarge(source, limit);
  const packed = await source.read(0, source.size);
  let most = limit;
  if (sizeOf !== undefined) {
    const size = sizeOf(headOf(source.name, packed));
    if (size > limit) tooLarge(source, limit);
    // One byte more than expected, so that more than expected is seen as such by the format's own check.
    most = Math.min(limit, size + 1);
  }
  const bytes = await unpackAll(packed, { maxOutputLength: most }).catch((error: unknown) => {
    if (codeOf(error) === 'ERR_BUFFER_TOO_LARGE') tooLarge(source, most);
    return broken(source.name, error);
  });
  return bytesOf(source.name, bytes);
}

function headOf(name: string, packed: Uint8Array): Uint8Array {
  try {
    return gunzipSync(packed.subarray(0, headBytes), { finishFlush: constants.Z_SYNC_FLUSH });
  } catch (error) {
    return broken(name, error);
  }
}

function broken(name: string, error: unknown): never {
  return invalidFile(name, 0, `the gzip data is broken (${codeOf(error)})`, 'Download the file again.', error);
}

function tooLarge({ name }: ByteSource, limit: number): never {
  return invalidFile(
    name,
    0,
    `the gzip data unpacks to more than ${limit} bytes`,
    'If the file is right, unpack it with gunzip: unpacked files are read piece by piece.',
  );
}
