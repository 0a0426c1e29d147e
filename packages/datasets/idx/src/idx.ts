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
import { detect } from './fileNames.js';
import { type KnownSet, knownSets, type SetName, setNames } from './sets.js';

const form = 'flat';
const defaultTestFraction = 0.1;

const schema = z.strictObject({
  set: z
    .enum(setNames as [SetName, ...SetName[]])
    .optional()
    .describe(
      'A published set: determines classes, names, normalization, orientation, and the place where packages install it.',
    ),
  dir: z
    .string()
    .min(1)
    .optional()
    .describe('Folder of the files: train and t10k, images and labels; not needed for a set that a package installed.'),
  prefix: z.string().optional().describe('Beginning of the file names, if several sets share a folder.'),
  classes: z.int().min(2).optional().describe("Number of classes; default: the set's, otherwise 10."),
  labelOffset: z
    .int()
    .optional()
    .describe("Added to each label, so that classes start at 0; default: the set's, otherwise 0."),
  transpose: z
    .boolean()
    .optional()
    .describe("Swaps rows and columns of the images, as EMNIST needs; default: the set's, otherwise false."),
  testFraction: z
    .number()
    .min(0)
    .lt(1)
    .default(defaultTestFraction)
    .describe('Fraction held out for test by seed if there are no test files.'),
  ...imageSchema({
    shape: form,
    shapes: 'flat is [height * width], image is [height, width, 1]',
    normalize: "the set's, else none",
    memory: 'up to which a raw image file is read into memory at once; a larger file is read as it is used',
  }),
  ...splitSchema,
  ...sizeSchema,
});

export interface IdxOptions extends SplitChoice, SizeChoice, ImageChoice {
  readonly set?: SetName | undefined;
  readonly dir?: string | undefined;
  readonly prefix?: string | undefined;
  readonly classes?: number | undefined;
  readonly labelOffset?: number | undefined;
  readonly transpose?: boolean | undefined;
  readonly testFraction?: number | undefined;
}

/**
 * MNIST, Fashion-MNIST, EMNIST, and any images in IDX files: x float32 [batch, height * width] or [batch, height,
 * width, 1], y int32 [batch]. The training files are split into train and validation by seed; the test files (t10k) are
 * the test part. If there are none, test is held out of train by seed as well.
 *
 * Reads raw files and gzip (by content), named `train-images-idx3-ubyte` or `train-images.idx3-ubyte`. A raw image file
 * larger than `memory` bytes is read as it is used, so that a set may be larger than memory; labels take 4 bytes per
 * example. A gzip file is unpacked into memory (1 GiB at most). Every header and label is checked before anything is
 * used. For Node.js.
 *
 * @param options.set a published set; nothing else is needed if a package installed its files.
 * @param options.dir folder of the files; required without a set that is installed.
 * @param options.testFraction held out for test by seed if there are no test files; default 0.1.
 * @param options.shape `'flat'` (default) or `'image'`.
 * @param options.train size of the part, by seed; default all.
 * @param options.test likewise.
 * @param options.validation as in all data sets with an official test part, and so are `seed` and `labelNoise`.
 * @param options.normalize see `imagePipeline` of @flatmin/data.
 * @param options.augment likewise; train is augmented if it is shuffled.
 * @throws FlatminError DATA_FILE_MISSING if files are missing, DATA_FILE_INVALID if one is broken (file, offset,
 *   remedy), DATA_INVALID for options that do not fit the data.
 * @example
 * ```ts
 * const data = await idx({ set: 'fashion-mnist', train: 2000, labelNoise: { rate: 0.4 } });
 * ```
 */
export async function idx(options: IdxOptions): Promise<ClassificationDataSet & { readonly task: 'classification' }> {
  const { set, dir } = options;
  const known: KnownSet = set === undefined ? { classes: 10 } : knownSets[set];
  // Loaded when used: the rest of the package runs where there are no files.
  const { installedFolder, missingFile, openFolder } = await import('@flatmin/data/node');
  const { readIdx } = await import('./readIdx.js');
  if (dir === undefined && set === undefined) {
    throw new FlatminError(
      'SPEC_INVALID',
      `idx: neither set nor dir is given. Give the folder of the files as \`dir\`, or an installed \`set\`: ${setNames.join(', ')}.`,
    );
  }
  const folder =
    dir === undefined
      ? await installedFolder({ ...known, name: set as SetName }, import.meta.url)
      : await openFolder(dir);
  const { classes = known.classes } = options;
  const prefix = options.prefix ?? (await prefixIn(folder, known));
  const images = await readIdx(folder, {
    classes,
    memory: memoryOf(options),
    labelOffset: options.labelOffset ?? known.labelOffset ?? 0,
    transpose: options.transpose ?? known.transpose ?? false,
    ...(prefix !== undefined && { prefix }),
  });
  const { height, width, train, test } = images;
  if (set !== undefined && test === undefined) {
    missingFile(
      folder.path,
      `has no test files, and ${set} has a test part`,
      'Add them, or leave out `set` to hold test out of train.',
    );
  }
  return exampleDataSet({
    id: set ?? 'idx',
    ...imageInput({ height, width, channels: 1 }, options, { shape: form, normalize: known.normalize ?? false }),
    classes,
    ...(known.classNames?.length === classes && { classNames: known.classNames }),
    train,
    ...(test && { test }),
    testFraction: options.testFraction ?? defaultTestFraction,
    choice: options,
  });
}

/** The set's own prefix, where the files have it: they may have been renamed. */
async function prefixIn(
  folder: { names(): Promise<readonly string[]> },
  { prefix }: KnownSet,
): Promise<string | undefined> {
  if (prefix === undefined) return undefined;
  return (await folder.names()).some((name) => name.startsWith(prefix)) ? prefix : undefined;
}

/** The plugin: `{ use: 'idx', set: 'fashion-mnist' }` or `{ use: 'idx', dir: 'my-images' }`. */
export const idxPlugin = definePlugin({
  kind: 'dataset',
  id: 'idx',
  apiVersion: 1,
  description: 'MNIST, Fashion-MNIST, EMNIST and other images in IDX files, raw or gzip.',
  options: schema,
  detect,
  example: { options: { set: 'mnist', dir: 'data/mnist' } },
  create: (options) => idx(options),
});
