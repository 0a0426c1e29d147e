import { inflateSync } from 'node:zlib';
import { decode } from 'jpeg-js';
import { PNG } from 'pngjs';
import { again, fault } from './imageFault.js';
import type { ImageHeader } from './imageHeader.js';
import { readImageHeader } from './readImageHeader.js';
import { type PngHeader, readPngHeader } from './pngHeader.js';

/** An image as row-major bytes, channels last. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: Uint8Array;
}

export interface DecodeOptions {
  readonly channels: 1 | 3;
  /** Whether gray becomes RGB or RGB gray, 16 bits 8, CMYK RGB, and transparency is left out; refused otherwise. */
  readonly convert: boolean;
  readonly maxPixels: number;
}

/** jpeg-js counts 15 to 27 bytes a pixel: coefficients as 4-byte numbers, their values, and the result. */
const jpegBytesPerPixel = 32;

/**
 * Decodes a JPEG or PNG file to bytes of 1 or 3 channels, after its header was checked. Memory while it decodes: up to
 * 32 bytes a pixel.
 *
 * Gray becomes RGB by repetition, RGB gray by L = 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601, in Pillow's fixed point),
 * CMYK RGB by (1 - C)(1 - K) without a color profile, 16 bits 8 by v / 257. Transparency and the orientation in EXIF
 * data are ignored, as torchvision does.
 *
 * @throws ImageFault with offset and remedy.
 */
export function decodeImage(bytes: Uint8Array, { channels, convert, maxPixels }: DecodeOptions): Pixels {
  const header = readImageHeader(bytes, maxPixels);
  if (!convert) refuseUnusual(header, channels);
  const { width, height } = header;
  try {
    const { data, stride } = header.format === 'JPEG' ? fromJpeg(bytes, maxPixels) : fromPng(bytes);
    const pixels = width * height;
    if (data.length !== pixels * stride) throw new Error(`${data.length} values for ${pixels} pixels`);
    return { width, height, channels, data: toChannels(data, stride, channels) };
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    // How pngjs says that it stopped at a chunk.
    const reason = said.startsWith('unrecognised content') ? 'a chunk is broken' : said;
    return fault(header.dataOffset, `its pixels cannot be decoded (${reason.slice(0, 200)})`, again, error);
  }
}

function refuseUnusual(
  { color, bits, transparent, format, sizeOffset, dataOffset }: ImageHeader,
  channels: 1 | 3,
): void {
  const expected = channels === 1 ? 'gray' : 'RGB';
  const remedy = `Convert it to ${expected} of 8 bits, or give \`convert: true\`.`;
  if (color !== expected) fault(sizeOffset, `it is a ${color} image, and only ${expected} images are read`, remedy);
  if (bits === 16) fault(sizeOffset + 8, 'its values have 16 bits', remedy);
  if (transparent) fault(dataOffset, `it is a ${format} image with transparency`, remedy);
}

interface Decoded {
  readonly data: Uint8Array;
  /** Values of a pixel. */
  readonly stride: number;
}

function fromJpeg(bytes: Uint8Array, maxPixels: number): Decoded {
  const { data } = decode(bytes, {
    useTArray: true,
    formatAsRGBA: false,
    tolerantDecoding: false,
    maxResolutionInMP: maxPixels / 1e6,
    maxMemoryUsageInMB: 1 + (maxPixels * jpegBytesPerPixel) / 2 ** 20,
  });
  return { data, stride: 3 };
}

function fromPng(bytes: Uint8Array): Decoded {
  const header = readPngHeader(bytes);
  if (header.interlaced) checkInflation(header);
  // What follows the last chunk is nothing to pngjs, and much else: it would be refused.
  const { data } = PNG.sync.read(Buffer.from(bytes.buffer, bytes.byteOffset, header.end));
  return { data, stride: 4 };
}

/**
 * pngjs unpacks the pixels of an interlaced file without a limit: this fails where they are more than the header says.
 */
function checkInflation({ packed, rawBytes, height }: PngHeader): void {
  // Seven passes, each with its own rows: at most two more bytes for each of them.
  const allowed = rawBytes + 4 * height + 64;
  inflateSync(Buffer.concat(packed), { maxOutputLength: allowed });
}

function toChannels(data: Uint8Array, stride: number, channels: number): Uint8Array {
  if (stride === channels) return data;
  const pixels = data.length / stride;
  const result = new Uint8Array(pixels * channels);
  for (let pixel = 0; pixel < pixels; pixel++) {
    const at = pixel * stride;
    const [r, g, b] = [data[at] as number, data[at + 1] as number, data[at + 2] as number];
    if (channels === 1) {
      result[pixel] = (r * 19595 + g * 38470 + b * 7471 + 2 ** 15) >> 16;
    } else {
      result[3 * pixel] = r;
      result[3 * pixel + 1] = g;
      result[3 * pixel + 2] = b;
    }
  }
  return result;
}
