import { type ExampleSource, type RawValues } from '@flatmin/data';
import { type DataFolder, invalidFile } from '@flatmin/data/node';
import { filesOf, type PartFiles } from './findFiles.js';
import { type IdxFile, openIdx } from './idxFile.js';

/** The images and labels of a folder, read as they are used. */
export interface IdxImages {
  readonly height: number;
  readonly width: number;
  readonly train: ExampleSource;
  /** Absent where the folder has no files for test. */
  readonly test?: ExampleSource;
}

export interface ReadIdxOptions {
  readonly classes: number;
  /** Added to each label: -1 for EMNIST letters, whose labels start at 1. */
  readonly labelOffset?: number;
  /** Swaps rows and columns of each image, as EMNIST needs. */
  readonly transpose?: boolean;
  /** Raw image files up to so many bytes are read to memory at once; larger ones as they are used. */
  readonly memory: number;
  /** Start of the names of EMNIST's files, such as `emnist-letters-`. */
  readonly prefix?: string;
}

/**
 * Reads the IDX files of a folder, two a part: checks every header and every label; images are read when they are asked
 * for.
 *
 * @throws FlatminError DATA_FILE_MISSING, DATA_FILE_INVALID with file, offset and remedy.
 */
export async function readIdx(folder: DataFolder, options: ReadIdxOptions): Promise<IdxImages> {
  const files = await filesOf(folder, options.prefix);
  const train = await readPart(folder, files.train, options);
  const { height, width } = train;
  if (files.test === undefined) return { height, width, train: train.source };
  const test = await readPart(folder, files.test, options);
  const [testHeight, testWidth] = [test.height, test.width];
  if (height !== testHeight || width !== testWidth) {
    invalidFile(
      test.images.source.name,
      8,
      `its images are ${testHeight} x ${testWidth}, and those for training are ${height} x ${width}`,
      'Take both from the same data set.',
    );
  }
  return { height, width, train: train.source, test: test.source };
}

async function readPart(folder: DataFolder, { images, labels }: PartFiles, options: ReadIdxOptions) {
  const imageFile = await openIdx(await folder.open(images), 3);
  const [count, height, width] = imageFile.sizes as [number, number, number];
  const labelFile = await openIdx(await folder.open(labels), 1);
  if (labelFile.sizes[0] !== count) {
    invalidFile(
      labelFile.source.name,
      4,
      `it has ${labelFile.sizes[0]} labels for the ${count} images of ${images}`,
      'Take both from the same download.',
    );
  }
  const values = await imageReader(imageFile, options.memory);
  const read = async (indices: ArrayLike<number>): Promise<readonly RawValues[]> => {
    const found = await values(indices);
    return options.transpose ? found.map((image) => transposed(image, height, width)) : found;
  };
  return {
    images: imageFile,
    ...(options.transpose ? { height: width, width: height } : { height, width }),
    source: { size: count, labels: await readLabels(labelFile, options), read },
  };
}

/** Small files lie in memory; of large ones only what is asked for is read. */
async function imageReader({ source, sizes, headerBytes }: IdxFile, memory: number) {
  const [count, height, width] = sizes as [number, number, number];
  const length = height * width;
  if (source.size <= memory) {
    const all = await source.read(headerBytes, count * length);
    return (indices: ArrayLike<number>) =>
      Array.from(indices, (index) => all.subarray(index * length, (index + 1) * length));
  }
  return (indices: ArrayLike<number>) =>
    source.readMany(
      Array.from(indices, (index) => headerBytes + index * length),
      length,
    );
}

async function readLabels(file: IdxFile, { classes, labelOffset = 0 }: ReadIdxOptions): Promise<Int32Array> {
  const { source, sizes, headerBytes } = file;
  const bytes = await source.read(headerBytes, sizes[0] as number);
  const labels = Int32Array.from(bytes, (byte) => byte + labelOffset);
  const wrong = labels.findIndex((label) => label < 0 || label >= classes);
  if (wrong >= 0) {
    invalidFile(
      source.name,
      headerBytes + wrong,
      `label ${wrong} is ${bytes[wrong]}, not a class from ${-labelOffset} to ${classes - 1 - labelOffset}`,
      'Give the right `classes` and `labelOffset`, or download the file again.',
    );
  }
  return labels;
}

/** Of `height` x `width` stored pixels, those of the image with rows and columns swapped. */
function transposed(image: Uint8Array, height: number, width: number): Uint8Array {
  const swapped = new Uint8Array(image.length);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      swapped[column * height + row] = image[row * width + column] as number;
    }
  }
  return swapped;
}
