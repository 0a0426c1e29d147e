import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { centerSquare, resizedWindow } from './resize.js';

/** 7 x 5 pixels of one channel. */
const gray = {
  width: 7,
  height: 5,
  channels: 1,
  data: Uint8Array.from({ length: 35 }, (_, i) => (37 * i * i + 11 * i) % 256),
};
const whole = (width: number, height: number) =>
  [
    { width, height },
    { left: 0, top: 0, width, height },
  ] as const;

describe('resizedWindow', () => {
  // What Pillow 12.3 gives: Image.resize((width, height), Image.BILINEAR).
  it.each([
    [3, 2, [101, 149, 178, 161, 115, 170]],
    [4, 3, [67, 119, 168, 168, 152, 127, 165, 191, 173, 114, 111, 166]],
    [7, 2, [102, 97, 109, 160, 180, 169, 186, 168, 175, 118, 87, 119, 214, 149]],
    [
      10,
      8,
      // prettier-ignore
      [
        0, 26, 79, 164, 131, 115, 128, 190, 170, 118, 43, 71, 97, 105, 142, 167, 176, 162, 166, 177, 107, 128, 117, 39, 154, 227, 233, 132, 164,
        247, 194, 129, 90, 126, 148, 167, 184, 197, 199, 197, 215, 152, 115, 154, 127, 120, 143, 215, 204, 160, 169, 196, 193, 123, 91, 86, 112,
        187, 179, 136, 146, 184, 188, 108, 78, 76, 105, 182, 176, 136, 132, 172, 177, 99, 71, 71, 102, 180, 176, 138,
      ],
    ],
  ])('is Pillow’s, 7 x 5 to %i x %i', (width, height, expected) => {
    expect([...resizedWindow(gray, ...whole(width, height))]).toEqual(expected);
  });

  it('weighs by triangles, by hand: 4 pixels to 2, and 2 to 4', () => {
    const row = (...values: number[]) => ({
      width: values.length,
      height: 1,
      channels: 1,
      data: Uint8Array.from(values),
    });
    // Centers 1 and 3, two pixels wide: weights 3/4, 3/4, 1/4 of pixels 0, 1, 2, over 7/4.
    expect([...resizedWindow(row(0, 70, 140, 210), ...whole(2, 1))]).toEqual([50, 160]);
    // Centers 1/4, 3/4, 5/4, 7/4: a quarter of the other pixel, none beyond the border.
    expect([...resizedWindow(row(0, 100), ...whole(4, 1))]).toEqual([0, 25, 75, 100]);
  });

  it('gives of a window what the whole image has there, channels apart', () => {
    const size = fc.integer({ min: 1, max: 12 });
    fc.assert(
      fc.property(size, size, size, size, fc.nat(11), fc.nat(11), (width, height, w, h, left, top) => {
        const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * i * 31 + 7 * i) % 256);
        const image = { width, height, channels: 3, data };
        const [x, y] = [left % w, top % h];
        const window = { left: x, top: y, width: w - x, height: h - y };
        const all = resizedWindow(image, ...whole(w, h));
        const part = resizedWindow(image, { width: w, height: h }, window);
        for (let row = 0; row < window.height; row++) {
          const start = ((y + row) * w + x) * 3;
          expect(part.subarray(row * window.width * 3, (row + 1) * window.width * 3)).toEqual(
            all.subarray(start, start + window.width * 3),
          );
        }
        const red = { width, height, channels: 1, data: data.filter((_, i) => i % 3 === 0) };
        expect(resizedWindow(red, ...whole(w, h))).toEqual(all.filter((_, i) => i % 3 === 0));
      }),
    );
  });
});

describe('centerSquare', () => {
  it('is the identity for an image of that size', () => {
    const image = { width: 4, height: 4, channels: 1, data: gray.data.subarray(0, 16) };
    expect(centerSquare(image, { resize: 4, size: 4 })).toEqual(image.data);
  });

  it('cuts the center, halves rounded to even', () => {
    // 7 x 5 without scaling: (7 - 2) / 2 = 2.5 and (5 - 2) / 2 = 1.5 are both 2.
    const at = (x: number, y: number) => gray.data[y * 7 + x];
    expect([...centerSquare(gray, { resize: 5, size: 2 })]).toEqual([at(2, 2), at(3, 2), at(2, 3), at(3, 3)]);
    // 7 x 5 at half the size is 2 (5 * 2 / 5) by 2.8, rounded down: the same as the whole of 2 x 2.
    expect(centerSquare(gray, { resize: 2, size: 2 })).toEqual(resizedWindow(gray, ...whole(2, 2)));
  });

  it('takes a line of a million pixels', () => {
    const image = { width: 2 ** 20, height: 1, channels: 1, data: new Uint8Array(2 ** 20).fill(9) };
    expect([...centerSquare(image, { resize: 2, size: 2 })]).toEqual([9, 9, 9, 9]);
  });
});
