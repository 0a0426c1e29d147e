import { gzipSync } from 'node:zlib';

/** An IDX file of unsigned bytes. */
export function idxBytes(sizes: readonly number[], data: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * sizes.length + data.length);
  const view = new DataView(bytes.buffer);
  bytes.set([0, 0, 8, sizes.length]);
  sizes.forEach((size, i) => view.setUint32(4 + 4 * i, size));
  bytes.set(Array.from(data), 4 + 4 * sizes.length);
  return bytes;
}

export const gzip = (bytes: Uint8Array): Uint8Array => new Uint8Array(gzipSync(bytes));

/** `count` images of 2 x 3 pixels: pixel p of image i is 10 i + p, its label i mod 4 + firstLabel. */
export function part(count: number, firstLabel = 0): { images: Uint8Array; labels: Uint8Array } {
  const pixels = Array.from({ length: count * 6 }, (_, i) => (10 * Math.floor(i / 6) + (i % 6)) % 256);
  const labels = Array.from({ length: count }, (_, i) => (i % 4) + firstLabel);
  return { images: idxBytes([count, 2, 3], pixels), labels: idxBytes([count], labels) };
}

/** The four files of a set of 20 images for training and 5 for test, 4 classes. */
export function fourFiles(): Record<string, Uint8Array> {
  const [train, test] = [part(20), part(5)];
  return {
    'train-images-idx3-ubyte': train.images,
    'train-labels-idx1-ubyte': train.labels,
    't10k-images-idx3-ubyte': test.images,
    't10k-labels-idx1-ubyte': test.labels,
  };
}
