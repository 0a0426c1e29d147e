/** Pixel p of channel c (red 0, green 1, blue 2) of image i. */
export const pixel = (i: number, c: number, p: number): number => (i + 80 * c + p) % 256;

/** Records of images numbered from `first`; the label bytes of image i are `labels(i)`. */
export function records(first: number, count: number, labels: (i: number) => readonly number[]): Uint8Array {
  const labelBytes = labels(first).length;
  const bytes = new Uint8Array(count * (labelBytes + 3072));
  for (let k = 0; k < count; k++) {
    const start = k * (labelBytes + 3072);
    bytes.set(labels(first + k), start);
    for (let v = 0; v < 3072; v++) bytes[start + labelBytes + v] = pixel(first + k, Math.floor(v / 1024), v % 1024);
  }
  return bytes;
}

const lines = (names: readonly string[]): Uint8Array => new TextEncoder().encode(`${names.join('\n')}\n\n`);
const numbered = (name: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, i) => `${name}${i}`);

/** 10 images for training, two a file, labels 0 to 9, and 3 for test, labels 9, 8, 7. */
export function cifar10Files(): Record<string, Uint8Array> {
  const batch = (k: number) => [`data_batch_${k + 1}.bin`, records(2 * k, 2, (i) => [i])] as const;
  return {
    ...Object.fromEntries([0, 1, 2, 3, 4].map(batch)),
    'test_batch.bin': records(10, 3, (i) => [19 - i]),
    'batches.meta.txt': lines(numbered('kind', 10)),
  };
}

/** 10 images for training, coarse labels 2 i, fine labels 9 i, and 2 for test. */
export function cifar100Files(): Record<string, Uint8Array> {
  return {
    'train.bin': records(0, 10, (i) => [2 * i, 9 * i]),
    'test.bin': records(10, 2, (i) => [29 - i, 109 - i]),
    'coarse_label_names.txt': lines(numbered('group', 20)),
    'fine_label_names.txt': lines(numbered('kind', 100)),
  };
}
