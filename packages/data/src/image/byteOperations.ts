import type { ImageShape } from './augmentation.js';

/** An image as row-major bytes, channels last. */
export interface ByteImage extends ImageShape {
  readonly data: Uint8Array;
}

type Bytes = Uint8Array;

/**
 * Values of the source at the nearest pixel: the center (x, y) of a pixel of the result lies at `place(x, y)` in the
 * source, black where that is outside. Pillow's `Image.transform(size, AFFINE, ..., NEAREST)`.
 */
function moved(image: ByteImage, place: (x: number, y: number) => readonly [number, number]): Bytes {
  const { width, height, channels, data } = image;
  const result = new Uint8Array(data.length);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const [x, y] = place(column + 0.5, row + 0.5).map(Math.floor) as [number, number];
      if (x < 0 || x >= width || y < 0 || y >= height) continue;
      const from = (y * width + x) * channels;
      result.set(data.subarray(from, from + channels), (row * width + column) * channels);
    }
  }
  return result;
}

/** Row y moves by -`factor` y, about the top left corner. */
export const shearX = (image: ByteImage, factor: number): Bytes => moved(image, (x, y) => [x + factor * y, y]);
/** Column x moves by -`factor` x, about the top left corner. */
export const shearY = (image: ByteImage, factor: number): Bytes => moved(image, (x, y) => [x, y + factor * x]);
/** To the right, by whole pixels. */
export const translateX = (image: ByteImage, pixels: number): Bytes =>
  moved(image, (x, y) => [x - Math.trunc(pixels), y]);
/** Down, by whole pixels. */
export const translateY = (image: ByteImage, pixels: number): Bytes =>
  moved(image, (x, y) => [x, y - Math.trunc(pixels)]);

/** Counter-clockwise about the center. */
export function rotate(image: ByteImage, degrees: number): Bytes {
  const angle = (-degrees * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const [centerX, centerY] = [image.width / 2, image.height / 2];
  return moved(image, (x, y) => [
    cos * (x - centerX) + sin * (y - centerY) + centerX,
    -sin * (x - centerX) + cos * (y - centerY) + centerY,
  ]);
}

/**
 * `from + factor (to - from)`, cut to bytes: 0 gives `from`, 1 gives `to`, other factors lie between or beyond. In 32
 * bits, fractions cut off, as Pillow's `Image.blend`.
 */
function blend(from: (i: number) => number, { data }: ByteImage, factor: number): Bytes {
  const alpha = Math.fround(factor);
  return data.map((to, i) => {
    const start = from(i);
    const value = Math.fround(start + Math.fround(alpha * (to - start)));
    return Math.max(0, Math.min(255, Math.trunc(value)));
  });
}

/** Luminance of each pixel by ITU-R BT.601, in Pillow's fixed point. */
function luminance({ data, channels }: ByteImage): Bytes {
  if (channels !== 3) return data;
  return Uint8Array.from({ length: data.length / 3 }, (_, pixel) => {
    const [r, g, b] = data.subarray(3 * pixel, 3 * pixel + 3) as unknown as readonly [number, number, number];
    return (r * 19595 + g * 38470 + b * 7471 + 2 ** 15) >> 16;
  });
}

/** 0 is black, 1 the image. */
export const brightness = (image: ByteImage, factor: number): Bytes => blend(() => 0, image, factor);

/** 0 is gray, 1 the image. */
export function color(image: ByteImage, factor: number): Bytes {
  const gray = luminance(image);
  return image.channels === 3 ? blend((i) => gray[Math.floor(i / 3)] as number, image, factor) : image.data;
}

/** 0 is the mean luminance everywhere, 1 the image. */
export function contrast(image: ByteImage, factor: number): Bytes {
  const gray = luminance(image);
  const mean = Math.trunc(gray.reduce((sum, value) => sum + value, 0) / gray.length + 0.5);
  return blend(() => mean, image, factor);
}

/** 0 is smooth (a mean of 3 x 3 pixels, the middle one five times; the border as it is), 1 the image. */
export function sharpness(image: ByteImage, factor: number): Bytes {
  const { width, height, channels, data } = image;
  const rowLength = width * channels;
  const smooth = data.slice();
  for (let row = 1; row < height - 1; row++) {
    for (let k = channels; k < rowLength - channels; k++) {
      const at = row * rowLength + k;
      let sum = 4 * (data[at] as number);
      for (const above of [at - rowLength, at, at + rowLength]) {
        for (const beside of [above - channels, above, above + channels]) sum += data[beside] as number;
      }
      smooth[at] = Math.floor(sum / 13 + 0.5);
    }
  }
  return blend((i) => smooth[i] as number, image, factor);
}

/** Keeps the `bits` highest bits of each value. */
export const posterize = ({ data }: ByteImage, bits: number): Bytes => {
  const mask = 0xff & ~(2 ** (8 - bits) - 1);
  return data.map((value) => value & mask);
};

/** Inverts the values from `threshold` on. */
export const solarize = ({ data }: ByteImage, threshold: number): Bytes =>
  data.map((value) => (value < threshold ? value : 255 - value));

/** A table of 256 values for each channel, made of how often each value is there. */
function mapped({ data, channels }: ByteImage, tableOf: (counts: Uint32Array) => ArrayLike<number>): Bytes {
  const counts = Array.from({ length: channels }, () => new Uint32Array(256));
  data.forEach((value, i) => ((counts[i % channels] as Uint32Array)[value]! += 1));
  const tables = counts.map(tableOf);
  return data.map((value, i) => (tables[i % channels] as ArrayLike<number>)[value] as number);
}

const identity = Uint8Array.from({ length: 256 }, (_, value) => value);

/** Stretches each channel from its least value to 0 and its greatest to 255. */
export const autoContrast = (image: ByteImage): Bytes =>
  mapped(image, (counts) => {
    const [least, greatest] = [counts.findIndex(Boolean), counts.findLastIndex(Boolean)];
    if (greatest <= least) return identity;
    const scale = 255 / (greatest - least);
    return identity.map((value) => Math.max(0, Math.min(255, Math.trunc(value * scale - least * scale))));
  });

/**
 * Flattens the histogram of each channel: value v becomes the number of values below it, over a 255th of all but the
 * greatest.
 */
export const equalize = (image: ByteImage): Bytes =>
  mapped(image, (counts) => {
    const last = counts[counts.findLastIndex(Boolean)] as number;
    const step = Math.floor((image.width * image.height - last) / 255);
    if (step === 0) return identity;
    let below = Math.floor(step / 2);
    return Array.from(counts, (count) => {
      const value = Math.min(255, Math.floor(below / step));
      below += count;
      return value;
    });
  });
