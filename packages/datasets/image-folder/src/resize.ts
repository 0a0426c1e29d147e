import type { Pixels } from './decodeImage.js';

export interface Extent {
  readonly width: number;
  readonly height: number;
}

/** A window of an image, in pixels from its top left corner. */
export interface Window extends Extent {
  readonly left: number;
  readonly top: number;
}

/** Bits after the point of the weights, those of Pillow for images of bytes. */
const precision = 22;

/**
 * Scales an image so that its shorter side has `resize` pixels, and cuts `size` x `size` out of its center:
 * torchvision's `Resize(resize)`, the longer side rounded down, and `CenterCrop(size)`, halves rounded to even. Only
 * what is cut out is computed.
 */
export function centerSquare(image: Pixels, { resize, size }: { readonly resize: number; readonly size: number }) {
  const { width, height } = image;
  const longer = Math.floor((resize * Math.max(width, height)) / Math.min(width, height));
  const scaled = width <= height ? { width: resize, height: longer } : { width: longer, height: resize };
  const [left, top] = [roundHalfToEven((scaled.width - size) / 2), roundHalfToEven((scaled.height - size) / 2)];
  return resizedWindow(image, scaled, { left, top, width: size, height: size });
}

function roundHalfToEven(value: number): number {
  const down = Math.floor(value);
  return value - down === 0.5 ? down + (down % 2) : Math.round(value);
}

/**
 * A window of an image scaled to `scaled` by bilinear interpolation, bytes of [height, width, channels].
 *
 * Pillow's `Image.resize(scaled, BILINEAR)`, equal bit by bit: rows first, then columns, bytes in between. Where it
 * shrinks, the triangle of weights is as wide as two pixels of the result, so that every pixel of the source counts (no
 * aliasing): with s = source / result and f = max(s, 1), pixel i of the source has in pixel j of the result the weight
 * max(0, 1 - |i + 1/2 - (j + 1/2) s| / f), normalized to sum 1.
 */
export function resizedWindow(image: Pixels, scaled: Extent, window: Window): Uint8Array {
  const { width, channels, data } = image;
  const columns = taps(image.width, scaled.width, window.left, window.width);
  const rows = taps(image.height, scaled.height, window.top, window.height);
  const firstRow = rows[0]?.first ?? 0;
  const last = rows.at(-1);
  const rowCount = last === undefined ? 0 : last.first + last.weights.length - firstRow;
  // Short and wide: the rows that the window needs, as long as the window.
  const narrow = new Uint8Array(rowCount * window.width * channels);
  for (let row = 0; row < rowCount; row++) {
    const start = (firstRow + row) * width * channels;
    weigh(data, start, channels, channels, columns, narrow, row * window.width * channels, channels);
  }
  const result = new Uint8Array(window.width * window.height * channels);
  const rowLength = window.width * channels;
  const placed = rows.map(({ first, weights }) => ({ first: first - firstRow, weights }));
  weigh(narrow, 0, rowLength, rowLength, placed, result, 0, rowLength);
  return result;
}

/** The pixels of the source that one of the result is made of. */
interface Tap {
  readonly first: number;
  /** In 2^-22. */
  readonly weights: Int32Array;
}

function taps(source: number, result: number, start: number, count: number): readonly Tap[] {
  const scale = source / result;
  const support = Math.max(scale, 1);
  return Array.from({ length: count }, (_, i) => {
    const center = (start + i + 0.5) * scale;
    const first = Math.max(0, Math.trunc(center - support + 0.5));
    const end = Math.min(source, Math.trunc(center + support + 0.5));
    const raw = Array.from({ length: end - first }, (_, k) =>
      Math.max(0, 1 - Math.abs((first + k - center + 0.5) / support)),
    );
    const sum = raw.reduce((total, weight) => total + weight, 0);
    return { first, weights: Int32Array.from(raw, (weight) => Math.trunc(0.5 + (weight / sum) * 2 ** precision)) };
  });
}

/**
 * Weighted sums of vectors of `length` bytes that stand `step` apart: those of tap j go to place j of `into`.
 */
function weigh(
  from: Uint8Array,
  start: number,
  step: number,
  length: number,
  places: readonly Tap[],
  into: Uint8Array,
  intoStart: number,
  intoStep: number,
): void {
  for (let place = 0; place < places.length; place++) {
    const { first, weights } = places[place] as Tap;
    for (let k = 0; k < length; k++) {
      let sum = 2 ** (precision - 1);
      let at = start + first * step + k;
      for (let tap = 0; tap < weights.length; tap++, at += step) sum += (from[at] as number) * (weights[tap] as number);
      into[intoStart + place * intoStep + k] = Math.min(255, sum >> precision);
    }
  }
}
