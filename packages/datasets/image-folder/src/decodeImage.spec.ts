import { deflateSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { encode } from 'jpeg-js';
import { PNG } from 'pngjs';
import { decodeImage } from './decodeImage.js';
import { jpegFiles, plain, png } from './image-folder.fixture.js';
import { ImageFault } from './imageFault.js';

const options = { channels: 3, convert: true, maxPixels: 2 ** 25 } as const;
const decoded = (bytes: Uint8Array, more: object = {}) => decodeImage(bytes, { ...options, ...more });

/** Where height and width stand: five bytes into the frame, ff c0. */
const sizeOffset = (bytes: Uint8Array): number => bytes.indexOf(0xc0) + 4;

const ramp = (x: number, y: number) => [20 * x, 25 * y, 13 * (x + y)] as const;
const rampPixels = Array.from({ length: 90 }, (_, i) => ramp(i % 10, Math.floor(i / 10))).flat();

/** A PNG of gray values of 16 bits. */
const gray16 = (...values: number[]): Uint8Array => {
  const image = new PNG({ width: values.length, height: 1, bitDepth: 16 } as object);
  const data = Buffer.from(Uint16Array.from(values).buffer);
  const written = PNG.sync.write({ ...image, data } as PNG, { colorType: 0, inputColorType: 0, bitDepth: 16 });
  return Uint8Array.from(written);
};

describe('decodeImage', () => {
  it('reads PNG exactly, whatever its name', () => {
    const { width, height, channels, data } = decoded(png(10, 9, ramp));
    expect([width, height, channels, [...data]]).toEqual([10, 9, 3, rampPixels]);
  });

  it('reads PNG that something follows', () => {
    expect([...decoded(Uint8Array.from([...plain(9, 1), 1, 2, 3])).data]).toEqual([9, 0, 128]);
  });

  it.each(['base', 'progressive'] as const)('reads JPEG, %s, close to its pixels', (name) => {
    const { width, height, data } = decoded(jpegFiles[name]);
    expect([width, height, data.length]).toEqual([10, 9, 270]);
    const distance = rampPixels.reduce((sum, value, i) => sum + Math.abs(value - (data[i] as number)), 0) / 270;
    // JPEG loses; of another order of channels, rows or columns, the distance is above 30.
    expect(distance).toBeLessThan(8);
  });

  it('makes gray RGB by repetition, and RGB gray by the weights of BT.601', () => {
    const gray = decoded(jpegFiles.gray).data;
    expect(gray.every((value, i) => value === gray[i - (i % 3)])).toBe(true);
    expect([...decoded(jpegFiles.gray, { channels: 1 }).data]).toEqual([...gray.filter((_, i) => i % 3 === 0)]);
    // .299 * 200 + .587 * 100 + .114 * 50 = 124.2
    expect([
      ...decoded(
        png(1, 1, () => [200, 100, 50]),
        { channels: 1 },
      ).data,
    ]).toEqual([124]);
  });

  it('makes CMYK RGB, 16 bits 8, and leaves transparency out', () => {
    // Pillow gives 190, 154, 119: (255 - 40)(255 - 30) / 255 = 189.7, ...
    for (const [i, value] of [190, 154, 119].entries()) {
      expect(Math.abs((decoded(jpegFiles.cmyk).data[i] as number) - value)).toBeLessThanOrEqual(2);
    }
    // 0, 257 * 100 + 100 and 65535 over 257
    expect([...decoded(gray16(0, 25_800, 65_535), { channels: 1 }).data]).toEqual([0, 100, 255]);
    const clear = png(2, 1, () => [9, 8, 7], { colorType: 6 });
    expect([...decoded(clear).data]).toEqual([9, 8, 7, 9, 8, 7]);
  });

  it.each<[string, Uint8Array, object, RegExp, number]>([
    ['gray', jpegFiles.gray, {}, /it is a gray image, and only RGB images are read/, sizeOffset(jpegFiles.gray)],
    [
      'RGB',
      jpegFiles.base,
      { channels: 1 },
      /it is a RGB image, and only gray images are read/,
      sizeOffset(jpegFiles.base),
    ],
    ['CMYK', jpegFiles.cmyk, {}, /it is a CMYK image/, sizeOffset(jpegFiles.cmyk)],
    ['of 16 bits', gray16(1), { channels: 1 }, /its values have 16 bits/, 24],
    ['transparent', png(1, 1, () => [1, 2, 3], { colorType: 6 }), {}, /with transparency/, 33],
  ])('refuses an image that is %s where nothing is to be converted', (_, bytes, more, what, offset) => {
    expect(() => decoded(bytes, { convert: false, ...more })).toThrow(
      expect.objectContaining({
        what: expect.stringMatching(what),
        offset,
        remedy: expect.stringMatching(/convert: true/),
      }),
    );
  });
});

/** A copy with other bytes from `offset` on. */
const changed = (bytes: Uint8Array, offset: number, ...values: number[]): Uint8Array => {
  const copy = bytes.slice();
  copy.set(values, offset);
  return copy;
};
const frame = sizeOffset(jpegFiles.base) - 5;
const text = (value: string) => new TextEncoder().encode(value);
const jpeg = Uint8Array.from(encode({ width: 8, height: 8, data: new Uint8Array(256).fill(99) }, 90).data);

describe('a broken image', () => {
  it.each<[string, Uint8Array, number, RegExp]>([
    ['is empty', new Uint8Array(0), 0, /it is empty/],
    ['is text', text('<html>404</html>'), 0, /starts with 3c 68 74 6d; JPEG starts with ff d8/],
    ['is GIF', text('GIF89a...'), 0, /starts with 47 49 46 38/],
    ['is a JPEG cut off in its pixels', jpegFiles.base.slice(0, 650), 650, /ends before .*ff d9.*: it is truncated/],
    ['is a JPEG cut off in its tables', jpegFiles.base.slice(0, 60), 60, /it is truncated/],
    ['is a JPEG cut off at once', jpegFiles.base.slice(0, 3), 3, /it is truncated/],
    ['is a PNG cut off', plain(1).slice(0, 50), 50, /IEND.*: it is truncated/],
    [
      'says 65,535 x 65,535 pixels',
      changed(jpegFiles.base, frame + 5, 255, 255, 255, 255),
      frame + 5,
      /no JPEG file of 701/,
    ],
    [
      'says 2^31 x 2^31 pixels',
      changed(plain(1), 16, 127, 255, 255, 255, 127, 255, 255, 255),
      16,
      /no PNG file of 8\d/,
    ],
    ['says no pixels', changed(jpegFiles.base, frame + 5, 0, 0), frame + 5, /10 x 0 pixels/],
    ['has arithmetic coding', changed(jpegFiles.base, frame + 1, 0xc9), frame + 1, /arithmetic coding \(frame ff c9\)/],
    ['is a lossless JPEG', changed(jpegFiles.base, frame + 1, 0xc3), frame + 1, /lossless/],
    ['has values of 12 bits', changed(jpegFiles.base, frame + 4, 12), frame + 4, /its values have 12 bits/],
    [
      'has two components',
      changed(jpegFiles.base, frame + 2, 0, 14, 8, 0, 9, 0, 10, 2),
      frame + 9,
      /it has 2 components/,
    ],
    ['has sampling factors of 15', changed(jpegFiles.base, frame + 11, 255), frame + 11, /factors 15 and 15/],
    ['has a segment of no length', changed(jpegFiles.base, 4, 0, 0), 4, /a segment says that it has 0 bytes/],
    ['has no image', Uint8Array.of(0xff, 0xd8, 0xff, 0xd9), 2, /ends without an image/],
    ['has no header', changed(plain(1), 12, 0x58), 8, /its first chunk is XHDR of 13 bytes/],
    ['has an unknown color type', changed(plain(1), 25, 5), 25, /its color type is 5/],
    ['has values of 3 bits', changed(plain(1), 24, 3), 24, /its values have 3 bits/],
    ['has broken pixels', changed(plain(1), 45, 1, 2, 3, 4), 33, /its pixels cannot be decoded \(a chunk is broken/],
    ['has broken Huffman tables', jpeg.slice().fill(0xaa, jpeg.indexOf(0xc4) + 5, jpeg.indexOf(0xc4) + 20), 0, /./],
  ])('that %s is refused by place and remedy', (_, bytes, offset, what) => {
    const refusal = expect.objectContaining({
      what: expect.stringMatching(what),
      remedy: expect.stringMatching(/\.$/),
    });
    expect(() => decoded(bytes)).toThrow(refusal);
    if (offset > 0) expect(() => decoded(bytes)).toThrow(expect.objectContaining({ offset }));
  });

  it('of more pixels than are allowed is refused before it is decoded', () => {
    expect(() => decoded(plain(1, 11), { maxPixels: 120 })).toThrow(/11 x 11 pixels, and at most 120/);
    expect(decoded(plain(1, 11), { maxPixels: 121 }).width).toBe(11);
  });

  it('of more scans than any program writes is refused: each costs a pass over the image', () => {
    const file = jpegFiles.progressive;
    const start = file.indexOf(0xda) - 1;
    const header = [...file.subarray(start, start + 4 + 2)];
    const scan = [...header, ...new Array<number>(((header[2] as number) << 8) + (header[3] as number) - 4).fill(0)];
    const many = Uint8Array.from([
      ...file.subarray(0, start),
      ...Array.from({ length: 101 }, () => scan).flat(),
      0xff,
      0xd9,
    ]);
    expect(() => decoded(many)).toThrow(/more than 100 scans/);
  });

  it('that unpacks to more than its header says is refused, interlaced too', () => {
    const chunk = (type: string, content: Uint8Array) => {
      const head = new Uint8Array(8);
      new DataView(head.buffer).setUint32(0, content.length);
      head.set(text(type), 4);
      return [...head, ...content, 0, 0, 0, 0];
    };
    const packed = deflateSync(new Uint8Array(2 ** 24));
    const head = Uint8Array.of(0, 0, 0, 8, 0, 0, 0, 8, 8, 2, 0, 0, 1);
    const start = plain(1).subarray(0, 8);
    const none = new Uint8Array(0);
    const bomb = Uint8Array.from([...start, ...chunk('IHDR', head), ...chunk('IDAT', packed), ...chunk('IEND', none)]);
    const before = process.memoryUsage().arrayBuffers;
    expect(() => decoded(bomb)).toThrow(/Cannot create a Buffer larger than/);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 20);
  });

  it('is an ImageFault, so that threads need no TensorFlow.js', () => {
    expect(() => decoded(new Uint8Array(3))).toThrow(ImageFault);
  });
});
