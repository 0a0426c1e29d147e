import { again, fault, viewOf } from './imageFault.js';
import type { ImageHeader } from './imageHeader.js';

/** Progressive files have about ten; each costs a pass over the whole image, however few bytes it has. */
const mostScans = 100;
/** At least one bit for each block of 8 x 8 pixels of the component with the most. */
const pixelsPerByte = 8 * 64;
const converted = 'Save it as a baseline or progressive JPEG, or as PNG.';

const [endOfImage, startOfScan] = [0xd9, 0xda];
/** SOF0, SOF1 and SOF2: baseline, extended and progressive, all coded by Huffman. */
const decodable: readonly number[] = [0xc0, 0xc1, 0xc2];
const notFrames: readonly number[] = [0xc4, 0xc8, 0xcc];
const isFrame = (kind: number): boolean => kind >= 0xc0 && kind <= 0xcf && !notFrames.includes(kind);

type Frame = Pick<ImageHeader, 'width' | 'height' | 'sizeOffset' | 'color'>;

/**
 * Walks the segments of a JPEG file from its first to its last marker: ff and a kind, then, big-endian, the length of
 * the segment (ITU-T T.81, annex B). Between a start of scan and the next marker lie the compressed pixels, where ff is
 * followed by 00.
 *
 * @throws ImageFault for a file that ends early, has no or two frames, or a coding that is not decoded.
 */
export function readJpegHeader(bytes: Uint8Array): ImageHeader {
  const view = viewOf(bytes);
  let frame: Frame | undefined;
  let [scans, dataOffset, at] = [0, 0, 2];
  for (;;) {
    at = nextMarker(bytes, at);
    const kind = bytes[at + 1] as number;
    if (kind === endOfImage) break;
    if (at + 4 > bytes.length) endsEarly(bytes);
    const length = view.getUint16(at + 2);
    if (length < 2) fault(at + 2, `a segment says that it has ${length} bytes`, again);
    if (at + 2 + length > bytes.length) endsEarly(bytes);
    if (isFrame(kind)) {
      if (frame !== undefined) fault(at, 'it has a second frame', again);
      frame = readFrame(bytes, at, length);
    }
    at += 2 + length;
    if (kind === startOfScan) {
      if (scans++ === 0) dataOffset = at;
      if (scans > mostScans) fault(at, `it has more than ${mostScans} scans, which no program writes`, again);
    }
  }
  if (frame === undefined || scans === 0) fault(at, 'it ends without an image', again);
  return {
    ...frame,
    format: 'JPEG',
    bits: 8,
    transparent: false,
    dataOffset,
    mostPixels: pixelsPerByte * bytes.length,
  };
}

/**
 * The next ff that starts a marker: not one of the pixels (ff 00), of their restarts (ff d0 to d7), or of filling (ff
 * ff).
 */
function nextMarker(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const kind = bytes[at + 1];
    if (kind === undefined) break;
    const inside = kind === 0 || kind === 0xff || (kind >= 0xd0 && kind <= 0xd7);
    if (!inside) return at;
  }
  return endsEarly(bytes);
}

function endsEarly(bytes: Uint8Array): never {
  return fault(bytes.length, 'the file ends before the end of its image (ff d9): it is truncated', again);
}

/**
 * After ff, kind and length: bits of a value, height, width, number of components, and three bytes for each of these.
 */
function readFrame(bytes: Uint8Array, at: number, length: number): Frame {
  const kind = bytes[at + 1] as number;
  if (!decodable.includes(kind)) {
    const coding = kind > 0xc8 ? 'arithmetic coding' : 'lossless or differential coding';
    fault(at + 1, `it has ${coding} (frame ff ${kind.toString(16)}), which is not decoded`, converted);
  }
  const count = bytes[at + 9] as number;
  if (length < 8 || length !== 8 + 3 * count) fault(at + 2, `its frame has ${length} bytes`, again);
  const bits = bytes[at + 4] as number;
  if (bits !== 8) fault(at + 4, `its values have ${bits} bits, and only 8 are decoded`, converted);
  const colors = { 1: 'gray', 3: 'RGB', 4: 'CMYK' } as const;
  const color = Object.hasOwn(colors, count) ? colors[count as keyof typeof colors] : undefined;
  if (color === undefined) fault(at + 9, `it has ${count} components, not 1, 3 or 4`, converted);
  for (let i = 0; i < count; i++) {
    const place = at + 11 + 3 * i;
    const [across, down] = [(bytes[place] as number) >> 4, (bytes[place] as number) & 15];
    if (across < 1 || across > 4 || down < 1 || down > 4) {
      fault(place, `component ${i} has sampling factors ${across} and ${down}, not 1 to 4`, again);
    }
  }
  const view = viewOf(bytes);
  return { height: view.getUint16(at + 5), width: view.getUint16(at + 7), sizeOffset: at + 5, color };
}
