import { FlatminError } from '@flatmin/core';
import { type ClassificationDataSet, definePlugin } from '@flatmin/core/plugin';
import {
  exampleDataSet,
  type ImageChoice,
  imageInput,
  imageSchema,
  memoryOf,
  type SizeChoice,
  sizeSchema,
  type SplitChoice,
  splitSchema,
} from '@flatmin/data';
import * as z from 'zod';
import { detect } from './names.js';

const defaults = {
  channels: 3,
  convert: true,
  maxPixels: 2 ** 25,
  workers: 2,
  testFraction: 0.1,
  shape: 'image',
} as const;
const schema = z.strictObject({
  dir: z
    .string()
    .min(1)
    .describe(
      'Folder with train, and val or test, each with one folder per class; or with the folders of the classes themselves.',
    ),
  size: z
    .int()
    .min(1)
    .max(4096)
    .optional()
    .describe('Pixels of each side of an example; default: 224, or for smaller images their largest shorter side.'),
  resize: z
    .int()
    .min(1)
    .max(8192)
    .optional()
    .describe(
      'Pixels of the shorter side before the center is cut out, at least size; default: round(size * 256 / 224), or size if ' +
        'that follows from smaller images.',
    ),
  channels: z
    .union([z.literal(1), z.literal(3)])
    .default(defaults.channels)
    .describe('Colors of an example: 3 is RGB, 1 is gray.'),
  convert: z
    .boolean()
    .default(defaults.convert)
    .describe('Converts gray, RGB, CMYK, 16-bit and transparent images to `channels` of 8 bits; false refuses them.'),
  maxPixels: z
    .int()
    .min(1)
    .max(2 ** 30)
    .default(defaults.maxPixels)
    .describe('Largest number of pixels of an image; decoding takes up to 32 bytes per pixel.'),
  workers: z
    .int()
    .min(0)
    .max(64)
    .default(defaults.workers)
    .describe('Number of decoding threads; 0 decodes in the thread that reads.'),
  testFraction: z
    .number()
    .min(0)
    .lt(1)
    .default(defaults.testFraction)
    .describe('Fraction held out for test by seed if there is no test folder.'),
  ...imageSchema({
    shape: defaults.shape,
    shapes: 'image is [size, size, channels], flat is [size * size * channels]',
    normalize: 'imagenet for RGB, none for gray',
    memory: 'up to which all examples together are kept once they are decoded; otherwise each is decoded in each epoch',
  }),
  ...splitSchema,
  ...sizeSchema,
});

export interface ImageFolderOptions extends SplitChoice, SizeChoice, ImageChoice {
  readonly dir: string;
  readonly size?: number | undefined;
  readonly resize?: number | undefined;
  readonly channels?: 1 | 3 | undefined;
  readonly convert?: boolean | undefined;
  readonly maxPixels?: number | undefined;
  readonly workers?: number | undefined;
  readonly testFraction?: number | undefined;
}

/**
 * JPEG and PNG images in one folder per class: x float32 [batch, size, size, channels] or flat, channels last; y int32
 * [batch], the position of the class among the sorted folder names of train.
 *
 * The layout is that of ImageNet: `train/<class>/*.JPEG` and `val/<class>/*.JPEG`, perhaps `test`. If `val` and `test`
 * both exist, they are validation and test; one alone is the test part, and validation is held out of train by seed.
 * Without `train`, the folders of the classes are in `dir` itself, and all parts are drawn by seed. Each image is
 * scaled (bilinear, see `resizedWindow`) and cut to its center, then the `imagePipeline` of @flatmin/data follows.
 *
 * In memory: the paths, the batches being read, and in each thread one file and its image (32 bytes per pixel during
 * decoding); all examples, if `memory` allows them. All streams of the data set share the threads, which start with the
 * first stream and end with the last. For Node.js.
 *
 * @param options.size height and width of an example; default 224, or for smaller images their largest shorter side (of
 *   up to 32 images of train, see `sizeOf`), so that images of 32 pixels stay unchanged.
 * @param options.resize the shorter side before the center is cut out; default 256 at size 224, and in proportion;
 *   `size` if that was found from smaller images.
 * @param options.channels of an example; default 3.
 * @param options.convert whether images of other kinds are converted to `channels` of 8 bits, or refused; default true.
 * @param options.maxPixels the largest number of pixels of an image.
 * @param options.train size of the part, by seed; default all.
 * @param options.test likewise.
 * @param options.validation as in all data sets, and so are `seed` and `labelNoise`.
 * @param options.normalize see `imagePipeline` of @flatmin/data.
 * @param options.augment likewise; train is augmented if it is shuffled.
 * @throws FlatminError DATA_FILE_MISSING, DATA_FILE_INVALID for a folder with another layout, and, while it is read,
 *   for an image that is broken (file, offset, remedy); SPEC_INVALID for a resize below size; DATA_INVALID for
 *   options that do not fit the data.
 * @example
 * ```ts
 * const data = await imageFolder({ dir: 'imagenet', augment: [{ use: 'flip' }] });
 * ```
 */
export async function imageFolder(
  options: ImageFolderOptions,
): Promise<ClassificationDataSet & { readonly task: 'classification' }> {
  const { channels = defaults.channels, testFraction = defaults.testFraction } = options;
  const { maxPixels = defaults.maxPixels } = options;
  // Loaded when used: the rest of the package runs where there are no files.
  const { openFolder } = await import('@flatmin/data/node');
  const { listImages } = await import('./listImages.js');
  const { readImages, readOtherImages } = await import('./readImages.js');
  const { resizeOf, sizeOf } = await import('./sizeOf.js');
  const folder = await openFolder(options.dir);
  const lists = await listImages(folder);
  const size = options.size ?? (await sizeOf(folder, lists.train.files, maxPixels));
  const { resize = resizeOf(size, options.size !== undefined) } = options;
  if (resize < size) {
    throw new FlatminError(
      'SPEC_INVALID',
      `image-folder: resize is ${resize}, and size is ${size}. Give at least ${size}.`,
    );
  }
  const { classNames } = lists;
  const reading = {
    size,
    resize,
    channels,
    convert: options.convert ?? defaults.convert,
    maxPixels,
    workers: options.workers ?? defaults.workers,
    memory: memoryOf(options),
  };
  const parts = readImages(folder, lists, reading);
  const shape = { height: size, width: size, channels };
  return exampleDataSet({
    id: 'image-folder',
    classes: classNames.length,
    classNames,
    ...imageInput(shape, options, { shape: defaults.shape, normalize: channels === 3 ? 'imagenet' : false }),
    ...parts,
    testFraction,
    choice: options,
    others: (place) => readOtherImages(place, reading),
  });
}

/** The plugin: `{ use: 'image-folder', dir: 'imagenet' }`. */
export const imageFolderPlugin = definePlugin({
  kind: 'dataset',
  id: 'image-folder',
  apiVersion: 1,
  description: 'Folders of JPEG and PNG images, one per class: ImageNet, or your own.',
  options: schema,
  detect,
  example: { options: { dir: 'data/images' }, model: { use: 'resnet', architecture: 'resnet-50' } },
  create: (options) => imageFolder(options),
});
