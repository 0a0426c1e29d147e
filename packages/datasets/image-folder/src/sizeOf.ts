import type { DataFolder } from '@flatmin/data/node';
import { readHeader } from './readExample.js';

/** The usual size of ImageNet's examples, and the shorter side of which that is cut out. */
export const imageNet = { size: 224, resize: 256 } as const;

/** Images whose headers tell the size of a data set. */
const asked = 32;

/**
 * The size of examples where none is given: that of ImageNet, or less where the images are smaller. Then it is the
 * largest shorter side of up to 32 images of train, evenly spread in file order, and nothing is enlarged or cut off for
 * the sake of 224 pixels.
 *
 * Cost: reads those files once, and decodes none.
 */
export async function sizeOf(folder: DataFolder, files: readonly string[], maxPixels: number): Promise<number> {
  const count = Math.min(asked, files.length);
  const some = Array.from({ length: count }, (_, i) => files[Math.floor((i * files.length) / count)] as string);
  const headers = await Promise.all(some.map((file) => readHeader(folder, file, maxPixels)));
  return Math.min(imageNet.size, Math.max(...headers.map(({ width, height }) => Math.min(width, height))));
}

/**
 * The shorter side before the center is cut out, where none is given: as on ImageNet, in proportion; all of smaller
 * images.
 */
export function resizeOf(size: number, isGiven: boolean): number {
  const isWhole = !isGiven && size < imageNet.size;
  return isWhole ? size : Math.round((size * imageNet.resize) / imageNet.size);
}
