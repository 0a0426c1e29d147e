import { again, fault, viewOf } from './imageFault.js';
import type { ImageHeader } from './imageHeader.js';

/** Deflate packs 258 bytes into two bits at best: 1,032 in one byte (zlib's technical notes). */
const mostInflation = 1032;
const headBytes = 13;

/** Values of a pixel by color type: gray, RGB, palette, gray and alpha, RGB and alpha. */
const samplesOf: Readonly<Partial<Record<number, number>>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

export interface PngHeader extends ImageHeader {
  readonly interlaced: boolean;
  /** Bytes of the unpacked pixels, one a row for its filter. */
  readonly rawBytes: number;
  /** The packed pixels, as they lie in the file. */
  readonly packed: readonly Uint8Array[];
  /** Bytes up to the end of IEND; others may follow. */
  readonly end: number;
}

/**
 * Walks the chunks of a PNG file, from IHDR to IEND: length, four letters, content, and a check sum (PNG specification,
 * section 5).
 *
 * @throws ImageFault for a file that ends early, or a header that is none.
 */
export function readPngHeader(bytes: Uint8Array): PngHeader {
  const view = viewOf(bytes);
  const packed: Uint8Array[] = [];
  let [at, dataOffset, transparent] = [8, 0, false];
  let head: ReturnType<typeof readHead> | undefined;
  for (;;) {
    if (at + 12 > bytes.length) endsEarly(bytes);
    const length = view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8)).replace(/[^A-Za-z]/g, '?');
    if (at + 12 + length > bytes.length) endsEarly(bytes);
    if (head === undefined) head = readHead(bytes, at, type, length);
    if (type === 'IDAT') {
      dataOffset ||= at;
      packed.push(bytes.subarray(at + 8, at + 8 + length));
    }
    transparent ||= type === 'tRNS';
    if (type === 'IEND') break;
    at += 12 + length;
  }
  if (packed.length === 0) fault(at, 'it ends without an image', again);
  const { width, height } = head;
  const rowBytes = 1 + Math.ceil((width * head.bits * head.samples) / 8);
  return {
    ...head,
    format: 'PNG',
    transparent: transparent || head.transparent,
    dataOffset,
    rawBytes: height * rowBytes,
    packed,
    end: at + 12,
    mostPixels: (mostInflation * bytes.length * width) / rowBytes,
  };
}

/** IHDR: width, height, bits, color type, compression, filter, interlacing. */
function readHead(bytes: Uint8Array, at: number, type: string, length: number) {
  if (type !== 'IHDR' || length !== headBytes) {
    fault(at, `its first chunk is ${type} of ${length} bytes, not IHDR of ${headBytes}`, again);
  }
  const view = viewOf(bytes);
  const start = at + 8;
  const [bits, colorType, , , interlacing] = bytes.subarray(start + 8, start + headBytes) as unknown as number[];
  const samples = samplesOf[colorType as number];
  if (samples === undefined) fault(start + 9, `its color type is ${colorType}, not 0, 2, 3, 4 or 6`, again);
  if (![1, 2, 4, 8, 16].includes(bits as number)) fault(start + 8, `its values have ${bits} bits`, again);
  return {
    width: view.getUint32(start),
    height: view.getUint32(start + 4),
    sizeOffset: start,
    bits: bits as number,
    samples,
    color: colorType === 0 || colorType === 4 ? 'gray' : 'RGB',
    transparent: colorType === 4 || colorType === 6,
    interlaced: interlacing !== 0,
  } as const;
}

function endsEarly(bytes: Uint8Array): never {
  return fault(bytes.length, 'the file ends before its last chunk (IEND): it is truncated', again);
}
