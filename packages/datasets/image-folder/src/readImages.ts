import type { ExampleSource, RecordReader, RawValues } from '@flatmin/data';
import { type DataFolder, invalidFile } from '@flatmin/data/node';
import { SharedPool } from './decodePool.js';
import { exampleOf, type ExampleOptions } from './exampleOf.js';
import { ImageFault } from './imageFault.js';
import { type ImageList, listImages } from './listImages.js';

/** Far more than an image has; a file is read to memory as a whole. */
const mostFileBytes = 2 ** 28;

export interface ReadImagesOptions extends ExampleOptions {
  /** Threads that decode while a stream is read; 0: the thread that reads. */
  readonly workers: number;
  /** Bytes that all examples together may have to be kept once they are decoded. */
  readonly memory: number;
}

export interface Images {
  readonly classNames: readonly string[];
  readonly train: ExampleSource;
  readonly validation?: ExampleSource;
  readonly test?: ExampleSource;
}

/**
 * The images of a folder as examples of [size, size, channels] bytes: found at once, read and decoded as they are used, `2 * workers` files
 * at a time. Results and errors come in the order that was asked for, whatever the threads do.
 *
 * @throws FlatminError as {@link listImages}; while reading DATA_FILE_INVALID for a broken image, with file, offset and remedy.
 */
export async function readImages(folder: DataFolder, options: ReadImagesOptions): Promise<Images> {
  const { train, validation, test, classNames } = await listImages(folder);
  const lists = [train, validation, test].filter((list) => list !== undefined);
  const exampleBytes = options.size ** 2 * options.channels;
  const all = lists.reduce((sum, { files }) => sum + files.length, 0) * exampleBytes;
  const pool = new SharedPool(options.workers);
  const sourceOf = (list: ImageList): ExampleSource =>
    exampleSource(folder, list, pool, options, all <= options.memory);
  return {
    classNames,
    train: sourceOf(train),
    ...(validation && { validation: sourceOf(validation) }),
    ...(test && { test: sourceOf(test) }),
  };
}

type Decode = (bytes: Uint8Array) => Uint8Array | Promise<Uint8Array>;

function exampleSource(
  folder: DataFolder,
  { files, labels }: ImageList,
  pool: SharedPool,
  options: ReadImagesOptions,
  keep: boolean,
): ExampleSource {
  const kept = new Map<number, Uint8Array>();
  const example = async (index: number, decode: Decode): Promise<Uint8Array> => {
    const found = kept.get(index);
    if (found !== undefined) return found;
    const values = await readExample(folder, files[index] as string, decode);
    if (keep) kept.set(index, values);
    return values;
  };
  const here: Decode = (bytes) => exampleOf(bytes, options);
  const inThreads: Decode = (bytes) => pool.decode(bytes, options);
  const reader = (decode: Decode) => (indices: ArrayLike<number>) =>
    inOrder(indices, 2 * Math.max(1, options.workers), (index) => example(index, decode));
  const open = (): RecordReader<RawValues> => {
    pool.open();
    return { read: reader(inThreads), close: () => pool.close() };
  };
  return { size: files.length, labels, read: reader(here), ...(options.workers > 0 && { open }) };
}

async function readExample(folder: DataFolder, path: string, decode: Decode): Promise<Uint8Array> {
  const file = await folder.open(path);
  if (file.size > mostFileBytes) {
    invalidFile(
      file.name,
      0,
      `it has ${file.size} bytes, ${mostFileBytes} at most are read`,
      'Make the image smaller.',
    );
  }
  const bytes = await file.read(0, file.size);
  try {
    return await decode(bytes);
  } catch (error) {
    if (!(error instanceof ImageFault)) throw error;
    return invalidFile(file.name, error.offset, error.what, error.remedy, error.cause);
  }
}

/**
 * Results of `work` in the order of `items`, at most `limit` of them on their way. After a failure nothing more is begun; once nothing
 * is on its way the failure of the first item is thrown.
 */
async function inOrder<T>(items: ArrayLike<number>, limit: number, work: (item: number) => Promise<T>): Promise<T[]> {
  const results = new Array<T>(items.length);
  const failures: { readonly place: number; readonly error: unknown }[] = [];
  let next = 0;
  const line = async (): Promise<void> => {
    while (next < items.length && failures.length === 0) {
      const place = next++;
      try {
        results[place] = await work(items[place] as number);
      } catch (error) {
        failures.push({ place, error });
      }
    }
  };
  await Promise.all(Array.from({ length: limit }, line));
  const [first] = failures.sort((a, b) => a.place - b.place);
  if (first !== undefined) throw first.error;
  return results;
}
