import { type ByteSource, bytesOf, invalidFile } from '../files/byteSource.js';

/** Bytes that are decoded at once. */
const pieceBytes = 2 ** 20;
/** Most bytes of UTF-16, for its text lies in memory. */
const mostBytes = 2 ** 30;

/**
 * A text file as UTF-8: itself, or, where it begins with the byte order mark of UTF-16, its text in memory; offsets are
 * then those of UTF-8.
 */
export async function asUtf8(source: ByteSource): Promise<ByteSource> {
  const encoding = await utf16Of(source);
  if (encoding === undefined) return source;
  const remedy = 'Convert it: iconv -f utf-16 -t utf-8.';
  if (source.size > mostBytes) invalidFile(source.name, 0, `it is UTF-16 of more than ${mostBytes} bytes`, remedy);
  const decoder = new TextDecoder(encoding, { fatal: true });
  const pieces: Buffer[] = [];
  for (let offset = 0; offset < source.size; offset += pieceBytes) {
    const bytes = await source.read(offset, Math.min(pieceBytes, source.size - offset));
    try {
      pieces.push(Buffer.from(decoder.decode(bytes, { stream: offset + pieceBytes < source.size })));
    } catch (error) {
      invalidFile(source.name, offset, 'it begins as UTF-16 and is not UTF-16 from here on', remedy, error);
    }
  }
  return bytesOf(source.name, Buffer.concat(pieces));
}

async function utf16Of(source: ByteSource): Promise<'utf-16le' | 'utf-16be' | undefined> {
  if (source.size < 2) return undefined;
  const [first, second] = await source.read(0, 2);
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : undefined;
}
