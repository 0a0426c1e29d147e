import { type DataFolder, invalidFile } from '@flatmin/data/node';
import { exampleOf, type ExampleOptions } from './exampleOf.js';
import { ImageFault } from './imageFault.js';
import type { ImageHeader } from './imageHeader.js';
import { readImageHeader } from './readImageHeader.js';

/** Far more than an image has; a file is read to memory as a whole. */
const mostFileBytes = 2 ** 28;

/**
 * The example of a file of a folder: bytes of [size, size, channels]. What threads run, and who has none.
 *
 * @throws FlatminError DATA_FILE_MISSING as the folder; DATA_FILE_INVALID for a broken image, with file, offset and
 *   remedy.
 */
export async function readExample(folder: DataFolder, path: string, options: ExampleOptions): Promise<Uint8Array> {
  return readImage(folder, path, (bytes) => exampleOf(bytes, options));
}

/** The header of a file of a folder, as {@link readExample} reads its image. */
export async function readHeader(folder: DataFolder, path: string, maxPixels: number): Promise<ImageHeader> {
  return readImage(folder, path, (bytes) => readImageHeader(bytes, maxPixels));
}

async function readImage<T>(folder: DataFolder, path: string, read: (bytes: Uint8Array) => T): Promise<T> {
  const file = await folder.open(path);
  if (file.size > mostFileBytes) {
    invalidFile(
      file.name,
      0,
      `it has ${file.size} bytes, and at most ${mostFileBytes} are read`,
      'Make the image smaller.',
    );
  }
  const bytes = await file.read(0, file.size);
  try {
    return read(bytes);
  } catch (error) {
    if (!(error instanceof ImageFault)) throw error;
    return invalidFile(file.name, error.offset, error.what, error.remedy, error.cause);
  }
}
