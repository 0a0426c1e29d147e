import type { ExampleSource, OtherRecords, RecordReader, RawValues } from '@flatmin/data';
import { type DataFolder, openFolder } from '@flatmin/data/node';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { SharedPool } from './decodePool.js';
import type { ExampleOptions } from './exampleOf.js';
import { type ImageList, type ImageLists, listAnyImages } from './listImages.js';
import { readExample } from './readExample.js';

/** Files that are read at once where no threads read them. */
const filesAtOnce = 2;

export interface ReadImagesOptions extends ExampleOptions {
  /** Threads that read and decode a stream, from a folder on disk; 0: the thread that asks. */
  readonly workers: number;
  /** Bytes that all examples together may have to be kept once they are decoded. */
  readonly memory: number;
}

export interface Images {
  readonly train: ExampleSource;
  readonly validation?: ExampleSource;
  readonly test?: ExampleSource;
}

/**
 * The images of a folder as examples of [size, size, channels] bytes: read and decoded as they are used, a file in each
 * thread at a time. Results and errors come in the order that was asked for, whatever the threads do.
 *
 * @throws FlatminError while reading DATA_FILE_INVALID for a broken image, with file, offset and remedy.
 */
export function readImages(
  folder: DataFolder,
  { train, validation, test }: Omit<ImageLists, 'classNames'>,
  options: ReadImagesOptions,
): Images {
  const lists = [train, validation, test].filter((list) => list !== undefined);
  const exampleBytes = options.size ** 2 * options.channels;
  const all = lists.reduce((sum, { files }) => sum + files.length, 0) * exampleBytes;
  const pool = new SharedPool(options.workers, { dir: folder.path, options });
  const sourceOf = (list: ImageList): ExampleSource =>
    exampleSource(folder, list, pool, options, all <= options.memory);
  return {
    train: sourceOf(train),
    ...(validation && { validation: sourceOf(validation) }),
    ...(test && { test: sourceOf(test) }),
  };
}

/** Images without labels: one file, or those of a folder and below it, each by its path. */
export async function readOtherImages(place: string, options: ReadImagesOptions): Promise<OtherRecords<RawValues>> {
  const isFolder = (await stat(place).catch(() => undefined))?.isDirectory() !== false;
  const folder = await openFolder(isFolder ? place : path.dirname(place));
  const files = isFolder ? await listAnyImages(folder) : [path.basename(place)];
  const pool = new SharedPool(options.workers, { dir: folder.path, options });
  const list = { files, labels: new Int32Array(files.length) };
  return { ...exampleSource(folder, list, pool, options, false), nameOf: (index) => files[index] as string };
}

function exampleSource(
  folder: DataFolder,
  { files, labels }: ImageList,
  pool: SharedPool,
  options: ReadImagesOptions,
  keep: boolean,
): ExampleSource {
  const kept = new Map<number, Uint8Array>();
  const reader =
    (atOnce: number, readFile: (path: string) => Promise<Uint8Array>) =>
    (indices: ArrayLike<number>): Promise<Uint8Array[]> =>
      inOrder(indices, atOnce, async (index) => {
        const found = kept.get(index);
        if (found !== undefined) return found;
        const values = await readFile(files[index] as string);
        if (keep) kept.set(index, values);
        return values;
      });
  const open = (): RecordReader<RawValues> => {
    pool.open();
    return { read: reader(Infinity, (path) => pool.read(path)), close: () => pool.close() };
  };
  const read = reader(filesAtOnce, (path) => readExample(folder, path, options));
  return { size: files.length, labels, read, ...(options.workers > 0 && { open }) };
}

/**
 * Results of `work` in the order of `items`, at most `limit` of them on their way. After a failure nothing more is
 * begun; once nothing is on its way the failure of the first item is thrown.
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
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, line));
  const [first] = failures.sort((a, b) => a.place - b.place);
  if (first !== undefined) throw first.error;
  return results;
}
