import { again, fault } from './imageFault.js';
import type { ImageHeader } from './imageHeader.js';
import { readJpegHeader } from './jpegHeader.js';
import { readPngHeader } from './pngHeader.js';

/**
 * The header of a JPEG or PNG file, told by its first bytes, whatever its name. Walks the whole file from marker to
 * marker, so a file that was cut off is known before it is decoded.
 *
 * @throws ImageFault where it is neither, is broken, or is larger than its bytes or `maxPixels` allow.
 */
export function readImageHeader(bytes: Uint8Array, maxPixels: number): ImageHeader {
  const header = reader(bytes)(bytes);
  const { width, height, sizeOffset, mostPixels } = header;
  const pixels = width * height;
  if (pixels === 0) fault(sizeOffset, `its header says ${width} x ${height} pixels`, again);
  if (pixels > mostPixels) {
    fault(
      sizeOffset,
      `its header says ${width} x ${height} pixels, which no ${header.format} file of ${bytes.length} bytes can hold`,
      again,
    );
  }
  if (pixels > maxPixels) {
    fault(
      sizeOffset,
      `it has ${width} x ${height} pixels, and at most ${maxPixels} are decoded`,
      'Make the image smaller, or raise `maxPixels`.',
    );
  }
  return header;
}

const startsWith = (bytes: Uint8Array, ...start: readonly number[]): boolean =>
  start.every((byte, i) => bytes[i] === byte);

function reader(bytes: Uint8Array): (bytes: Uint8Array) => ImageHeader {
  if (startsWith(bytes, 0xff, 0xd8)) return readJpegHeader;
  if (startsWith(bytes, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return readPngHeader;
  if (bytes.length === 0) fault(0, 'it is empty', again);
  const start = [...bytes.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
  return fault(
    0,
    `it starts with ${start}; JPEG starts with ff d8, PNG with 89 50 4e 47`,
    'Convert it to JPEG or PNG, or remove it.',
  );
}
